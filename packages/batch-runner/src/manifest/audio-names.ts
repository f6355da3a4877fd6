/** Which files a folder scan takes for recordings. A file named on the command line is always taken. */
const extensions = new Set(
  (
    'wav wave bwf rf64 w64 flac mp3 mp2 m4a m4b aac ogg oga opus spx amr awb 3gp 3g2 gsm au snd aif aiff aifc caf ' +
    'wma asf wmv mp4 m4v mov mkv mka webm avi mpg mpeg ts mts flv vob ac3 eac3 dts ape wv tta'
  ).split(' '),
);

/** @param path of a file, at least its name */
export function looksLikeRecording(path: string): boolean {
  const dot = path.lastIndexOf('.');
  const isInName = dot > path.lastIndexOf('/') + 1;
  return isInName && extensions.has(path.slice(dot + 1).toLowerCase());
}
