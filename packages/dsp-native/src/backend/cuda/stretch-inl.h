// From recordings in device memory to the samples that a tile's frames share. Included inside the kernels'
// namespace.

// Conditioned as TileKernels::condition of cpu/tile_kernels.h does it.
UNDERTONE_KERNEL float Condition(float x, const TileJob& job) {
  const float clean = fabsf(x) <= FLT_MAX ? x : 0.0f;
  return (Minimum(Maximum(clean, -kLargestSample), kLargestSample) - job.shift) * job.scale;
}

template <typename Sample>
UNDERTONE_KERNEL float FullScale(Sample x) {
  if constexpr (std::is_same_v<Sample, int16_t>) {
    return static_cast<float>(x) * (1.0f / 32768.0f);
  } else {
    return x;
  }
}

// Sample `index` of the recording, pre-emphasised along the signal where asked; the first one stays as it is.
template <typename Sample>
UNDERTONE_KERNEL float SignalSample(const ProgramView& program, const TileJob& job, const Sample* samples,
                                    int64_t index) {
  const Sample* at = samples + (index - job.begin);
  const float value = Condition(FullScale(at[0]), job);
  if (!program.emphasise_signal || index == 0) return value;
  const float previous = Condition(FullScale(at[-1]), job);
  return (value - previous) + program.rest * previous;
}

// Fills the stretch: every sample of the tile's frames once, frame after frame `pitch` floats apart, of a
// frame those that the next one does not have as well. Neighbouring threads read neighbouring samples.
template <typename Sample>
UNDERTONE_KERNEL void LoadStretch(const FrameLaunch& launch, const TileJob& job, float* stretch) {
  const ProgramView& program = launch.program;
  const TileLayout& layout = launch.layout;
  const Sample* samples = static_cast<const Sample*>(launch.samples) + job.first_sample;
  const int step = program.hop < program.length ? program.hop : program.length;
  const int whole = (layout.lanes - 1) * step + program.length;
  const int used = (job.frames - 1) * step + program.length;
  const int threads = layout.lanes * layout.workers;
  const int thread = WorkerIndex() * layout.lanes + LaneIndex();
  Walk walk(thread, step, threads);
  for (int i = thread; i < whole; i += threads, walk.Next()) {
    float value = 0;
    if (i < used) {
      const int64_t index = job.start + static_cast<int64_t>(walk.quotient()) * program.hop + walk.rest();
      const int64_t source = PaddedIndex(index, job.total, program.padding);
      if (source != kPadZero) value = SignalSample(program, job, samples, source);
    }
    StoreShared(value, stretch + walk.quotient() * layout.pitch + walk.rest());
  }
}
