/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What each target offers to libFuzzer, or to fuzz-replay.c where there is none. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes);
