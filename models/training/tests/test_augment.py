"""Augmentation on synthetic recordings: what comes out, that it repeats, and what is refused."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from augment.__main__ import main
from augment.changes import CHANGES, SEMITONES, SHIFT_S, Given, changed
from augment.copies import SHORTEST_S, seed_of, write_wav
from augment.transforms import CODECS, Samples, Telephone

COLUMNS = "corpus,file,speaker,gender,emotion,code,intensity,statement,repetition"
RATE_HZ = 16000


def tone(seconds: float, rate_hz: int = RATE_HZ, pitch_hz: float = 220.0) -> Samples:
    """A harmonic sound that comes and goes."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    sound = sum(np.sin(2 * np.pi * pitch_hz * k * time_s) / k for k in range(1, 6))
    return (0.2 * sound * np.sin(np.pi * time_s / seconds) ** 2).astype(np.float32)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Three recordings of two speakers in two folders: 16-bit WAV, FLAC at another rate, stereo."""
    folder = tmp_path / "speech"
    (folder / "one").mkdir(parents=True)
    (folder / "two").mkdir()
    soundfile.write(folder / "one/a.wav", tone(0.8), RATE_HZ, subtype="PCM_16")
    soundfile.write(folder / "one/b.flac", tone(0.5, 22050, 180.0), 22050)
    soundfile.write(folder / "two/a.wav", np.stack([tone(0.6), tone(0.6, pitch_hz=150.0)], axis=1), RATE_HZ)
    rows = [
        "own,one/a.wav,own-1,female,happy,H,01,s1,1",
        "own,one/b.flac,own-1,female,sad,S,01,s2,1",
        "own,two/a.wav,own-2,male,angry,A,02,s1,1",
    ]
    path = folder / "labels.csv"
    path.write_text("\n".join([COLUMNS, *rows]) + "\n", encoding="utf-8")
    return path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["augment", *(str(a) for a in arguments)])
    return main()


def rows_of(out: Path) -> list[dict[str, str]]:
    with (out / "labels.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def contents(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def test_copies_keep_labels_rate_and_parent(
    labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "copies"
    assert run(monkeypatch, "--labels", labels, "--out", out, "--copies", 2, "--seed", 3) == 0
    assert "6 copies of 3 recordings" in capsys.readouterr().out
    rows = rows_of(out)
    assert list(rows[0]) == [*COLUMNS.split(","), "parent", "changes"]
    assert [row["file"] for row in rows][:2] == ["one/a.wav.copy1.wav", "one/a.wav.copy2.wav"]
    assert {row["file"] for row in rows} | {"labels.csv"} == set(contents(out))
    for row in rows:
        parent = Path(row["parent"])
        info = soundfile.info(out / row["file"])
        assert parent.is_relative_to(labels.parent)
        assert (info.samplerate, info.channels, info.subtype) == (soundfile.info(parent).samplerate, 1, "PCM_16")
        assert set(row["changes"].split(";")) <= set(CHANGES) - {"background"}
    assert [(r["speaker"], r["emotion"], r["code"]) for r in rows[4:]] == [("own-2", "angry", "A")] * 2


def test_bytes_depend_on_seed_and_file_alone(labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, other = tmp_path / "first", tmp_path / "other"
    assert run(monkeypatch, "--labels", labels, "--out", first, "--copies", 2) == 0
    header, *rows = labels.read_text(encoding="utf-8").splitlines()
    labels.write_text("\n".join([header, *reversed(rows)]) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "augment", "--labels", labels, "--out", tmp_path / "again", "--copies", "2"]
    subprocess.run([*command, "--workers", "2"], check=True, cwd=Path(__file__).parents[1], stdout=subprocess.DEVNULL)
    without = lambda folder: {k: v for k, v in contents(folder).items() if k != "labels.csv"}  # noqa: E731
    assert without(first) == without(tmp_path / "again")
    assert sorted(map(str, rows_of(first))) == sorted(map(str, rows_of(tmp_path / "again")))
    assert run(monkeypatch, "--labels", labels, "--out", other, "--copies", 2, "--seed", 2) == 0
    assert without(first) != without(other)


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "background"])
@pytest.mark.parametrize("rate_hz", [8000, 48000])
def test_every_change_changes_and_repeats(name: str, rate_hz: int) -> None:
    samples = tone(0.7, rate_hz)
    given = Given((10.0, 10.0), ())
    result, applied = changed(samples, rate_hz, [name], given, 5)
    again, _ = changed(samples, rate_hz, [name], given, 5)
    assert applied == [name]
    assert result.dtype == np.float32 and np.isfinite(result).all()
    assert np.array_equal(result, again)
    assert len(result) != len(samples) or not np.allclose(result, samples, atol=1e-4)
    if name in ("pitch", "shift", "noise", "telephone", "gain"):
        assert len(result) == len(samples)


def test_noise_is_at_the_ratio_that_was_asked_for() -> None:
    samples = tone(1.0)
    result, _ = changed(samples, RATE_HZ, ["noise"], Given((12.0, 12.0), ()), 1)
    ratio = 10 * np.log10(np.mean(samples**2) / np.mean((result - samples) ** 2))
    assert ratio == pytest.approx(12.0, abs=0.2)


def test_background_comes_from_the_folder(labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noises = tmp_path / "noises"
    noises.mkdir()
    soundfile.write(noises / "hum.wav", tone(0.2, pitch_hz=50.0), RATE_HZ)
    out = tmp_path / "copies"
    flags = ("--only", "background", "--noise-folder", noises, "--snr-db", "6,6")
    assert run(monkeypatch, "--labels", labels, "--out", out, *flags) == 0
    original, _ = soundfile.read(labels.parent / "one/a.wav")
    copy, _ = soundfile.read(out / "one/a.wav.copy1.wav")
    ratio = 10 * np.log10(np.mean(original**2) / np.mean((copy - original) ** 2))
    assert ratio == pytest.approx(6.0, abs=0.3)


def test_telephone_has_a_line_s_band() -> None:
    noise = np.random.default_rng(0).normal(0.0, 0.1, 48000).astype(np.float32)
    for codec in CODECS:
        line = Telephone((200.0, 200.0), (3400.0, 3400.0))
        line.randomize_parameters(noise, 48000)
        line.parameters["codec"] = codec
        power = np.abs(np.fft.rfft(line.apply(noise, 48000))) ** 2
        assert power[4100:].sum() < 0.001 * power.sum(), codec
        assert power[300:3300].sum() > 0.8 * power.sum(), codec


def test_loud_copies_are_turned_down_not_clipped(tmp_path: Path) -> None:
    write_wav(tmp_path / "loud.wav", 3.0 * tone(0.3), RATE_HZ)
    samples, _ = soundfile.read(tmp_path / "loud.wav", dtype="int16")
    assert np.sum(np.abs(samples) >= 32767) <= 2


def test_seeds_differ_by_file_copy_and_seed() -> None:
    assert len({seed_of(1, b"a", 1), seed_of(1, b"b", 1), seed_of(1, b"a", 2), seed_of(2, b"a", 1)}) == 4


def test_a_broken_file_loses_nothing_else(
    labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (labels.parent / "one/b.flac").write_bytes(b"fLaC and then nothing")
    soundfile.write(labels.parent / "two/a.wav", np.zeros((0, 1)), RATE_HZ)
    out = tmp_path / "copies"
    assert run(monkeypatch, "--labels", labels, "--out", out) == 1
    told = capsys.readouterr()
    assert "1 copies of 1 recordings" in told.out and "2 could not be copied" in told.out
    assert "one/b.flac" in told.err and "two/a.wav: it holds 0.000 s of audio, less than 0.25 s" in told.err
    assert [row["file"] for row in rows_of(out)] == ["one/a.wav.copy1.wav"]


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "background"])
def test_silence_of_the_shortest_length_passes(name: str) -> None:
    silence = np.zeros(round(SHORTEST_S * 8000), np.float32)
    for seed in range(8):
        result, _ = changed(silence, 8000, [name], Given((5.0, 30.0), ()), seed)
        assert np.isfinite(result).all() and len(result) > 0


def test_ranges_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    given = Given((5.0, 30.0), ())
    for name, key, (low, high) in (("pitch", "num_semitones", SEMITONES), ("shift", "shift_amount", SHIFT_S)):
        transform = CHANGES[name].make(given)
        drawn = []
        for _ in range(50):
            transform.randomize_parameters(tone(0.1), RATE_HZ)
            drawn.append(transform.parameters[key])
        assert low <= min(drawn) < max(drawn) <= high


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--copies", "0"], "Expected a whole number from 1 on but received 0"),
        (["--seed", "x"], "Expected a whole number but received x"),
        (["--only", "echo"], "but received echo"),
        (["--only", "noise,"], "but received"),
        (["--snr-db", "9"], "Expected two numbers of dB"),
        (["--snr-db", "30,5"], "Expected two numbers of dB"),
    ],
)
def test_bad_settings_are_named(
    labels: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    flags: list[str],
    message: str,
) -> None:
    with pytest.raises(SystemExit) as end:
        run(monkeypatch, "--labels", labels, "--out", tmp_path / "copies", *flags)
    assert end.value.code == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "copies").exists()


def test_bad_input_is_one_sentence(
    labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "copies"
    silence = tmp_path / "silence"
    silence.mkdir()

    def refused(*arguments: object) -> str:
        assert run(monkeypatch, *arguments) == 2
        return capsys.readouterr().err

    assert "Expected a labels.csv for --labels" in refused("--labels", tmp_path / "none.csv", "--out", out)
    flags = ("--labels", labels, "--out", out)
    assert "--noise-folder (--only background) but received none" in refused(*flags, "--only", "background")
    assert "Expected a folder of recordings" in refused(*flags, "--noise-folder", silence)
    assert "Expected background in --only" in refused(*flags, "--noise-folder", silence, "--only", "gain")
    soundfile.write(silence / "s.wav", np.zeros(100), RATE_HZ)
    assert "received silence" in refused(*flags, "--noise-folder", silence)
    (silence / "s.wav").write_text("no sound")
    assert "Expected recordings only in --noise-folder" in refused(*flags, "--noise-folder", silence)
    assert "Expected a new or empty folder" in refused("--labels", labels, "--out", labels.parent)
    for text, message in (
        ("path\na.wav\n", "Expected a column file"),
        ("file\n", "Expected at least one row"),
        ("file,emotion\na.wav\n", "Expected 2 values and a file in row 1"),
        ("file\na.wav\na.wav\n", "Expected each recording once"),
        ("file,parent\na.wav,b.wav\n", "Expected originals"),
    ):
        labels.write_text(text, encoding="utf-8")
        assert message in refused(*flags)
    assert not out.exists()
