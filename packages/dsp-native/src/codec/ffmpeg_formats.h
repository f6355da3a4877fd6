// What FFmpeg is asked to read: allow-lists of containers and audio decoders, and which container a file is.
//
// The lists are the only places where formats read through FFmpeg are named; what is missing from them is
// never opened. A container is recognised by content, never by the file's name.
#pragma once

extern "C" {
#include <libavformat/avformat.h>
}

#include <string>

#include "codec/file.h"

namespace undertone::codec {

// Joined by commas, as the options format_whitelist and codec_whitelist want them.
const char* AllowedContainers();
const char* AllowedDecoders();

bool IsAllowedDecoder(const AVCodec* decoder);

// The demuxer of the file's content. Errors: kUnsupportedCodec when it is not recognised or not on the list.
const AVInputFormat* RecogniseContainer(const File& file);

// One word for rows and sentences: mp4, ogg, matroska …
std::string ContainerName(const AVInputFormat* format);

}  // namespace undertone::codec
