// Deltas of rows in device memory: signal/delta.h, one value a thread. Included inside the kernels'
// namespace.

// in: columns 0 ... launch.columns - 1 of the rows. out: the columns behind them, order after order. Sums run
// in the order and the precision of AppendDeltas(), so that both give the same bits.
UNDERTONE_KERNEL void DeltaValue(const DeltaLaunch& launch, const DeltaJob& job, int64_t index) {
  const int64_t values = static_cast<int64_t>(launch.columns) * launch.orders;
  const int64_t t = job.first + index / values;
  const int column = static_cast<int>(index % values);
  const int order = column / launch.columns;
  const int half = launch.half[order];
  int64_t centre = t;
  if (launch.inside_only) {
    centre = centre < half ? half : centre;
    centre = centre > job.frames - 1 - half ? job.frames - 1 - half : centre;
  }
  double sum = 0;
  if (t >= launch.edge[order]) {
    const float* base = launch.rows + column % launch.columns;
    for (int k = 0; k <= 2 * half; ++k) {
      int64_t at = centre - half + k;
      at = at < 0 ? 0 : at;
      at = at > job.frames - 1 ? job.frames - 1 : at;
      sum += launch.weights[order][k] * static_cast<double>(base[(job.row_of_zero + at) * launch.stride]);
    }
  }
  launch.rows[(job.row_of_zero + t) * launch.stride + launch.columns + column] = static_cast<float>(sum);
}
