#!/usr/bin/env bash
# Proof and figures of the CUDA backend on a machine with an NVIDIA GPU, a CUDA toolkit and cmake; Node and libhwy may be
# absent. Builds a stand-alone program, runs the property tests on the device against the kernels compiled for the host,
# compute-sanitizer where there is one, the benchmark, and torchaudio on the same card where Python has it.
#
#   bench/gpu/check.sh [folder for the build and the figures; default build/gpu]
#
# UNDERTONE_CUDA_ARCHITECTURES (e.g. 90) spares the time of the others; default: the device's own.
# Exit status: 0 all passed, 1 a test failed, 2 it could not be built, 3 there is no CUDA device (everything was
# compiled, nothing ran). Figures: <folder>/figures.json and figures.txt.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
out=${1:-$root/build/gpu}
mkdir -p "$out" && out=$(cd "$out" && pwd) || exit 2

if ! command -v cmake >/dev/null; then
  echo "check: cmake is missing: install it and run the same command again" >&2
  exit 2
fi
if [ -z "${UNDERTONE_CUDA_ARCHITECTURES:-}" ]; then
  own=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -1 | tr -d '. ')
  export UNDERTONE_CUDA_ARCHITECTURES=${own:-90}
fi
echo "check: building for compute capability $UNDERTONE_CUDA_ARCHITECTURES"
{
  cmake -S "$root/bench/gpu" -B "$out/build" -DCMAKE_BUILD_TYPE=Release &&
    cmake --build "$out/build" -j "$(nproc)"
} >"$out/build.log" 2>&1 || {
  tail -40 "$out/build.log" >&2
  echo "check: it could not be built, see $out/build.log" >&2
  exit 2
}

"$out/build/gpu_check" test
status=$?
if [ $status -eq 3 ]; then
  echo "check: everything was compiled, nothing ran: there is no CUDA device here"
  exit 3
fi

sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer 2>/dev/null)
if [ -z "$sanitizer" ]; then
  echo "check: compute-sanitizer: skipped, it is not here"
else
  for tool in memcheck racecheck synccheck; do
    if timeout 100 "$sanitizer" --tool "$tool" --error-exitcode 9 "$out/build/gpu_check" test 12 >"$out/$tool.log" 2>&1; then
      echo "check: compute-sanitizer $tool: passed"
    else
      echo "check: compute-sanitizer $tool: FAILED, see $out/$tool.log"
      status=1
    fi
  done
fi

python=$(command -v python3)
if [ -n "$python" ] && "$python" "$root/bench/gpu/torchaudio_peer.py" >"$out/torchaudio.json" 2>"$out/torchaudio.log"; then
  echo "check: torchaudio: measured on the same card"
else
  rm -f "$out/torchaudio.json"
  echo "check: torchaudio: skipped, $(tail -1 "$out/torchaudio.log" 2>/dev/null || echo 'Python is not here')"
fi

peer=()
[ -f "$out/torchaudio.json" ] && peer=("$out/torchaudio.json")
"$out/build/gpu_check" bench "$out/figures.json" "${peer[@]}" | tee "$out/figures.txt" || status=1
{
  date -u +%Y-%m-%dT%H:%M:%SZ
  nvidia-smi --query-gpu=name,driver_version,clocks.sm,power.limit --format=csv 2>/dev/null
  echo "command: bench/gpu/check.sh"
} | tee -a "$out/figures.txt"
exit $status
