"""Log-mel and MFCC by torchaudio on the same card, samples and results in device memory.

Prints one JSON object: {"torch": ..., "torchaudio": ..., "logmel": frames a second, "mfcc": frames a second}.
Exit status 2 where torch or torchaudio is missing or sees no CUDA device. 16 kHz, 25 ms Hann windows every 10 ms, FFT of
512, 80 bands, 13 cepstra, float32: the same work as check.cc's "logmel-80" and "mfcc-13".
"""
import json
import statistics
import sys
import time

try:
    import torch
    import torchaudio
except Exception as error:  # a broken installation fails with anything
    print(f"torchaudio cannot be had here: {error}", file=sys.stderr)
    sys.exit(2)
if not torch.cuda.is_available():
    print("torch sees no CUDA device", file=sys.stderr)
    sys.exit(2)

SECONDS = 10
RATE = 16000
ROUNDS = 7
FRAME = dict(n_fft=512, win_length=400, hop_length=160, center=True, power=2.0, f_max=8000.0)

torch.backends.cuda.matmul.allow_tf32 = False
device = torch.device("cuda")
mel = torchaudio.transforms.MelSpectrogram(sample_rate=RATE, n_mels=80, **FRAME).to(device)
mfcc = torchaudio.transforms.MFCC(
    sample_rate=RATE, n_mfcc=13, log_mels=True, melkwargs=dict(n_mels=40, **FRAME)
).to(device)


def logmel(x):
    return torch.log(torch.clamp(mel(x), min=1e-10))


def frames_per_second(transform, batch):
    """The median of ROUNDS rounds of about a fifth of a second."""
    x = torch.rand(batch, SECONDS * RATE, device=device) - 0.5
    with torch.inference_mode():
        frames = transform(x).shape[-1] * batch
        torch.cuda.synchronize()
        repeats = 1
        while True:
            start = time.perf_counter()
            for _ in range(repeats):
                transform(x)
            torch.cuda.synchronize()
            spent = time.perf_counter() - start
            if spent > 0.2:
                break
            repeats *= 2
        rates = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            for _ in range(repeats):
                transform(x)
            torch.cuda.synchronize()
            rates.append(frames * repeats / (time.perf_counter() - start))
    return statistics.median(rates)


def best(transform):
    # The batch that suits it best.
    return max(frames_per_second(transform, batch) for batch in (64, 256, 1024))


print(
    json.dumps(
        {
            "torch": torch.__version__,
            "torchaudio": torchaudio.__version__,
            "logmel": best(logmel),
            "mfcc": best(mfcc),
        }
    )
)
