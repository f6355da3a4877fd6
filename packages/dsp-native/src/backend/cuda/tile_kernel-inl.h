// From samples to the raw rows of one tile of frames, in one pass: nothing but samples is read from device
// memory, and nothing but rows is written. Included inside the kernels' namespace.
//
// The steps are those of cpu/tile_kernels.cc, shared out among the workers of a block; a sum is cut where the
// CPU's is, so that both backends round alike.

class TileRun {
 public:
  UNDERTONE_KERNEL TileRun(const FrameLaunch& launch, const TileJob& job, float* shared)
      : launch_(launch), program_(launch.program), layout_(launch.layout), job_(job), shared_(shared) {}

  UNDERTONE_KERNEL void Run() const {
    Step([&] {
      if (launch_.format == SampleFormat::kInt16) {
        LoadStretch<int16_t>(launch_, job_, At(layout_.stretch));
      } else {
        LoadStretch<float>(launch_, job_, At(layout_.stretch));
      }
      if (WorkerIndex() == 0) StoreFacts();
    });
    PrepareSamples();
    Spectrum();
    Chain();
    StoreRows();
  }

 private:
  UNDERTONE_KERNEL float* At(int region) const { return shared_ + region; }
  UNDERTONE_KERNEL Lane Fact(FactRow row) const { return LoadRow(At(layout_.facts), row); }
  UNDERTONE_KERNEL void StoreFact(Lane value, FactRow row) const { StoreRow(value, At(layout_.facts), row); }
  UNDERTONE_KERNEL float* RawRows(int raw_column) const {
    return RowsFrom(At(layout_.row), static_cast<size_t>(raw_column));
  }
  // Where a stage of the chain puts its rows: in the raw row if that has them, else in `region`.
  UNDERTONE_KERNEL float* RowsOf(int raw_column, int region) const {
    return raw_column == kAbsent ? At(region) : RawRows(raw_column);
  }

  // What descriptors ask about a frame beside its samples.
  UNDERTONE_KERNEL void StoreFacts() const {
    const int64_t start = job_.start + static_cast<int64_t>(LaneIndex()) * program_.hop;
    const auto row = [&](int64_t index) {
      const int64_t held = index < 0 ? 0 : index;
      return static_cast<float>(held < program_.length ? held : program_.length);
    };
    StoreFact(row(-start), kFirstInsideRow);
    StoreFact(row(job_.total - start), kEndInsideRow);
    StoreFact(job_.first_frame + LaneIndex() > 0 ? 1.0f : 0.0f, kHasPreviousRow);
  }

  UNDERTONE_KERNEL Lane StretchRow(int n) const {
    return LoadShared(At(layout_.stretch) + LaneIndex() * layout_.pitch + program_.stretch_offsets[n]);
  }
  UNDERTONE_KERNEL Lane Mean() const { return program_.remove_dc ? Fact(kMeanRow) : Splat(0.0f); }
  // Row n without its frame's mean, and pre-emphasised inside the frame where asked (WriteSamples of
  // cpu/frame-inl.h).
  UNDERTONE_KERNEL Lane Prepared(int n, Lane mean) const {
    const Lane x = StretchRow(n) - mean;
    if (!program_.emphasise_frame) return x;
    const Lane previous = n == 0 ? x : StretchRow(n - 1) - mean;
    return MultiplyAdd(Splat(program_.rest), previous, x - previous);
  }

  // Partial sums of term(row) over the frame's rows, one a block of rows; Total() adds them up as SumRows()
  // does.
  template <typename Term>
  UNDERTONE_KERNEL void SumParts(const Term& term) const {
    const size_t length = static_cast<size_t>(program_.length);
    for (size_t part = static_cast<size_t>(WorkerIndex()); part * kSumBlock < length;
         part += static_cast<size_t>(WorkerCount())) {
      StoreRow(SumBlock(part * kSumBlock, length, term), At(layout_.partials), part);
    }
  }
  UNDERTONE_KERNEL Lane Total() const {
    Lane total = Splat(0.0f);
    for (size_t part = 0; part * kSumBlock < static_cast<size_t>(program_.length); ++part) {
      total = total + LoadRow(At(layout_.partials), part);
    }
    return total;
  }

  // DC, log energy and the descriptors of samples.
  UNDERTONE_KERNEL void PrepareSamples() const {
    if (program_.remove_dc) {
      Step([&] { SumParts([&](size_t n) { return StretchRow(static_cast<int>(n)); }); });
      Step([&] {
        if (WorkerIndex() == 0) StoreFact(Total() / Splat(static_cast<float>(program_.length)), kMeanRow);
      });
    }
    if (program_.log_energy) {
      Step([&] {
        const Lane mean = Mean();
        SumParts([&](size_t n) {
          const Lane x = StretchRow(static_cast<int>(n)) - mean;
          return x * x;
        });
      });
      Step([&] {
        if (WorkerIndex() == 0) StoreFact(NaturalLog(Maximum(Total(), Splat(FLT_EPSILON))), kLogEnergyRow);
      });
    }
    if (program_.describes_samples) {
      Step([&] { WriteSamples([&](int n, Lane mean) { return StretchRow(n) - mean; }); });
      Describe(DescriptorDomain::kSamples);
    }
    if (program_.describes_windowed) {
      Step([&] {
        WriteSamples([&](int n, Lane mean) { return Prepared(n, mean) * Splat(program_.window[n]); });
      });
      Describe(DescriptorDomain::kWindowed);
    }
  }

  template <typename Sample>
  UNDERTONE_KERNEL void WriteSamples(const Sample& sample) const {
    const Lane mean = Mean();
    for (int n = WorkerIndex(); n < program_.length; n += WorkerCount()) {
      StoreRow(sample(n, mean), At(layout_.tile), static_cast<size_t>(n));
    }
  }

  // A descriptor is one worker's: its sums run along the rows of the frame.
  UNDERTONE_KERNEL void Describe(DescriptorDomain domain) const {
    Step([&] {
      int turn = 0;
      for (int i = 0; i < program_.descriptor_count; ++i) {
        const DescriptorView& descriptor = program_.descriptors[i];
        if (descriptor.domain != domain) continue;
        if (turn++ % WorkerCount() == WorkerIndex()) RunDescriptor(descriptor);
      }
    });
  }

  UNDERTONE_KERNEL void RunDescriptor(const DescriptorView& descriptor) const {
    const float* facts = At(layout_.facts);
    const float* magnitudes = At(layout_.magnitudes);
    // The frame before stands in the lane before. Lane 0 reads another row's last lane; what comes of it is
    // not handed out, or multiplied by 0.
    const FrameView frame{At(layout_.tile),
                          static_cast<size_t>(program_.length),
                          magnitudes,
                          static_cast<size_t>(descriptor.bins),
                          magnitudes - 1,
                          RowsFrom(facts, kHasPreviousRow),
                          RowsFrom(At(layout_.extremes), static_cast<size_t>(descriptor.extremes_row)),
                          RowsFrom(facts, kFirstInsideRow),
                          RowsFrom(facts, kEndInsideRow)};
    float* row = RawRows(descriptor.raw_column);
    if (descriptor.kind == DescriptorKind::kContrast) {
      SpectralContrast(descriptor.contrast, frame, row);
    } else {
      StoreRow(Described(descriptor, frame), row, 0);
    }
  }

  UNDERTONE_KERNEL Lane Described(const DescriptorView& descriptor, const FrameView& frame) const {
    switch (descriptor.kind) {
      case DescriptorKind::kZeroCrossing:
        return ComputeDescriptor(descriptor.zero_crossing, frame);
      case DescriptorKind::kMeanSquare:
        return ComputeDescriptor(descriptor.mean_square, frame);
      case DescriptorKind::kBlockEntropy:
        return ComputeDescriptor(descriptor.block_entropy, frame);
      case DescriptorKind::kSpectralMoment:
        return ComputeDescriptor(descriptor.moment, frame);
      case DescriptorKind::kFlux:
        return ComputeDescriptor(descriptor.flux, frame);
      case DescriptorKind::kFlatness:
        return ComputeDescriptor(descriptor.flatness, frame);
      case DescriptorKind::kRollOff:
        return ComputeDescriptor(descriptor.roll_off, frame);
      default:
        return ComputeDescriptor(descriptor.slope, frame);
    }
  }

  // visit(first, count): the rows of this worker, one stretch of them.
  template <typename Visit>
  UNDERTONE_KERNEL void ShareRows(int rows, const Visit& visit) const {
    const int first = rows * WorkerIndex() / WorkerCount();
    const int end = rows * (WorkerIndex() + 1) / WorkerCount();
    if (end > first) visit(static_cast<size_t>(first), static_cast<size_t>(end - first));
  }

  UNDERTONE_KERNEL void Magnitudes(int bins, const float* power, float* magnitudes) const {
    Step([&] {
      ShareRows(bins, [&](size_t first, size_t count) {
        Magnitude(count, RowsFrom(power, first), RowsFrom(magnitudes, first));
      });
    });
  }

  UNDERTONE_KERNEL void PowerOf(const FftView& fft, float* power) const {
    const auto frames = [&] {
      const Lane mean = Mean();
      return [this, mean](int n) { return Prepared(n, mean); };
    };
    PowerSpectrum(fft, program_.length, frames, At(layout_.tile), power);
  }

  UNDERTONE_KERNEL void Spectrum() const {
    float* spectrum = RowsOf(program_.spectrum_column, layout_.spectrum);
    PowerOf(program_.main, spectrum);
    if (program_.descriptor_bins > 0) {
      float* magnitudes = At(layout_.magnitudes);
      if (program_.separate_descriptor_fft) {
        PowerOf(program_.descriptor_fft, magnitudes);
        Magnitudes(program_.descriptor_bins, magnitudes, magnitudes);
      } else {
        Magnitudes(program_.descriptor_bins, spectrum, magnitudes);
      }
      Describe(DescriptorDomain::kSpectrum);
    }
    if (program_.magnitude) Magnitudes(program_.bins, spectrum, spectrum);
  }

  // The stages after the spectrum, as far as the raw row asks for them.
  UNDERTONE_KERNEL void Chain() const {
    const float* spectrum = RowsOf(program_.spectrum_column, layout_.spectrum);
    const bool cepstra = program_.cepstra_column != kAbsent;
    const bool logarithms = program_.log_column != kAbsent || cepstra;
    if (!logarithms && program_.mel_column == kAbsent) return;
    float* log_values = RowsOf(program_.log_column, layout_.values);
    float* mel = program_.mel_column == kAbsent ? log_values : RawRows(program_.mel_column);
    Step([&] {
      if (program_.has_mel) {
        // Logarithms of a worker's own bands need not wait for the others.
        const int first = program_.mel_shares[WorkerIndex()];
        const int end = program_.mel_shares[WorkerIndex() + 1];
        if (end > first) {
          MelEnergies(program_.mel, static_cast<size_t>(first), static_cast<size_t>(end), spectrum, mel);
          if (logarithms) LogSome(mel, first, end - first, log_values);
        }
      } else {
        ShareRows(program_.spectral_columns, [&](size_t first, size_t count) {
          LogSome(spectrum, static_cast<int>(first), static_cast<int>(count), log_values);
        });
      }
      if (WorkerIndex() == 0 && program_.log_energy && logarithms && !cepstra && program_.cepstra_deferred) {
        StoreRow(Fact(kLogEnergyRow), log_values, static_cast<size_t>(program_.spectral_columns));
      }
    });
    if (cepstra) CepstraOf(log_values);
  }

  UNDERTONE_KERNEL void LogSome(const float* values, int first, int count, float* log_values) const {
    const size_t row = static_cast<size_t>(first);
    LogRows(program_.log, RowsFrom(values, row), static_cast<size_t>(count), RowsFrom(log_values, row));
  }

  UNDERTONE_KERNEL void CepstraOf(const float* log_values) const {
    const CepstrumView& table = program_.cepstrum;
    float* mean_free = At(layout_.values);
    Step([&] {
      if (WorkerIndex() == 0) StoreFact(MeanOfBands(table, log_values), kBandMeanRow);
    });
    Step([&] {
      const Lane mean = Fact(kBandMeanRow);
      for (int b = WorkerIndex(); b < table.bands; b += WorkerCount()) {
        StoreRow(LoadRow(log_values, static_cast<size_t>(b)) - mean, mean_free, static_cast<size_t>(b));
      }
    });
    Step([&] {
      float* cepstra = RawRows(program_.cepstra_column);
      if (program_.log_energy && WorkerIndex() == 0) StoreRow(Fact(kLogEnergyRow), cepstra, 0);
      float* first = RowsFrom(cepstra, program_.log_energy ? 1 : 0);
      const Lane mean = Fact(kBandMeanRow);
      for (int row = WorkerIndex(); row < table.rows; row += WorkerCount()) {
        SomeCepstra<1>(table, static_cast<size_t>(row), mean, mean_free, first);
      }
    });
  }

  // Rows lie one lane beside the other; a frame's values go out side by side, by way of the tile's memory,
  // where an odd pitch lets both the writing and the reading threads meet no bank conflict.
  UNDERTONE_KERNEL void StoreRows() const {
    const int pitch = layout_.lanes + 1;
    const int most = layout_.tile_floats / pitch;
    float* stage = At(layout_.tile);
    for (int first = 0; first < program_.raw_columns; first += most) {
      const int columns = program_.raw_columns - first < most ? program_.raw_columns - first : most;
      Step([&] {
        for (int c = WorkerIndex(); c < columns; c += WorkerCount()) {
          StoreShared(LoadRow(RawRows(first), static_cast<size_t>(c)), stage + c * pitch + LaneIndex());
        }
      });
      Step([&] {
        const int threads = layout_.lanes * layout_.workers;
        const int thread = WorkerIndex() * layout_.lanes + LaneIndex();
        Walk walk(thread, columns, threads);
        for (int i = thread; i < job_.frames * columns; i += threads, walk.Next()) {
          const int frame = walk.quotient();
          if (frame < job_.skipped) continue;
          const int64_t row = job_.row + frame - job_.skipped;
          launch_.rows[row * launch_.stride + first + walk.rest()] =
              LoadShared(stage + walk.rest() * pitch + frame);
        }
      });
    }
  }

  const FrameLaunch& launch_;
  const ProgramView& program_;
  const TileLayout& layout_;
  const TileJob& job_;
  float* const shared_;
};
