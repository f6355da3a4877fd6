// Checks (--check) or rewrites (--write) the layout of the C++ and CUDA sources by the pinned clang-format.
// Exit status: 0 fine, 1 a file differs, 2 wrong use, 3 no clang-format of the pinned release for this machine.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { findProgram, root } from './base.mjs';

const folders = ['src', 'native-test', 'bench'].map((name) => `packages/dsp-native/${name}`);
const release = 15; // of LLVM, inside the npm package: other releases lay out some lines differently

/** The npm package carries binaries for x64 only; elsewhere one of the same release from PATH will do. */
function clangFormat() {
  const bundled = path.join(
    root,
    `node_modules/clang-format/bin/${process.platform}_${process.arch}/clang-format`,
  );
  const candidates = [bundled, findProgram(`clang-format-${release}`), findProgram('clang-format')];
  return candidates.find((file) => {
    if (!file || !fs.existsSync(file)) return false;
    const version = spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout ?? '';
    return version.includes(`version ${release}.`);
  });
}

function sources() {
  const there = folders.filter((dir) => fs.existsSync(path.join(root, dir)));
  const files = there.flatMap((dir) =>
    fs.readdirSync(path.join(root, dir), { recursive: true }).map((name) => path.join(dir, name)),
  );
  return files.filter((file) => /\.(h|cc|cu|cuh)$/.test(file)).sort();
}

const mode = process.argv[2];
if (mode !== '--check' && mode !== '--write') {
  console.error(`Expected --check or --write but received ${mode}`);
  process.exit(2);
}
const binary = clangFormat();
if (!binary) {
  console.error(
    `No clang-format ${release} for ${process.platform}-${process.arch}: install the package clang-format-${release}.`,
  );
  process.exit(3);
}
const files = sources();
const flags = mode === '--check' ? ['--dry-run', '--Werror'] : ['-i'];
const result =
  files.length > 0
    ? spawnSync(binary, [...flags, ...files], { cwd: root, encoding: 'utf8' })
    : { status: 0, stderr: '' };
if (result.status !== 0) {
  // One line a file: the places themselves are put right by --write.
  const places = [...result.stderr.matchAll(/^(\S+?):(\d+):\d+: error: code should be clang-formatted/gm)];
  const firstLines = new Map(places.reverse().map(([, file, line]) => [file, line]));
  for (const [file, line] of [...firstLines].sort())
    console.error(`${file}:${line}: not laid out by clang-format`);
  console.error(firstLines.size > 0 ? 'Run "npm run format" to put it right.' : result.stderr);
  process.exit(1);
}
console.log(`clang-format: ${files.length} files fine`);
