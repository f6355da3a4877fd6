"""A side of a comparison is a process that stays: it loads, warms up, and then runs when told to.

It is started with the audio's path (raw float32 mono) and the work, and prints one line of JSON: rows and columns of its
result, and its version. Then, a line each: "go N" runs the work N times and prints the processor
seconds of one run (others on the machine would show in wall time); "save PATH"
writes the result as raw float32 and prints 0. Sides written in JavaScript and C++ keep to the same lines.
"""

import json
import subprocess
import sys
import time

import numpy as np


def serve(work, version: str) -> None:
    """The side's end. `work`: called without arguments, gives a matrix."""
    work()
    result = np.asarray(work())
    rows, columns = (result.shape[0], result.shape[1]) if result.ndim == 2 else (result.size, 1)
    print(json.dumps({'rows': rows, 'columns': columns, 'version': version}), flush=True)
    for line in sys.stdin:
        command, argument = line.split()
        if command == 'save':
            np.asarray(work(), dtype=np.float32).tofile(argument)
            print(0, flush=True)
            continue
        passes = int(argument)
        start = time.process_time()
        for _ in range(passes):
            work()
        print((time.process_time() - start) / passes, flush=True)


class Side:
    """The comparison's end. Raises RuntimeError with what the process said when it does not start."""

    def __init__(self, command: list[str], seconds_a_round: float) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(self._last_words())
        self.about = json.loads(line)
        self._passes = 1
        self._passes = max(1, min(1000, round(seconds_a_round / max(self.go(), 1e-6))))

    def _ask(self, line: str) -> float:
        self._process.stdin.write(line + '\n')
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(self._last_words())
        return float(answer)

    def _last_words(self) -> str:
        said = [line for line in self._process.stderr.read().splitlines() if line.strip()]
        errors = [line for line in said if 'Error' in line]
        return (errors or said or ['the process ended without a word'])[-1]

    def go(self) -> float:
        """Seconds of one run."""
        return self._ask(f'go {self._passes}')

    def save(self, path: str) -> np.ndarray:
        self._ask(f'save {path}')
        return np.fromfile(path, dtype=np.float32)

    def close(self) -> None:
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.stderr.close()
        self._process.wait()
