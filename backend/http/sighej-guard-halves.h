/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-guard-stream.h"

G_BEGIN_DECLS

/*
 * The two halves of a guard stream that libsoup holds. They may outlive it, and then fail.
 *
 * The sources they make have no descriptor: epoll watches that all along, and GLib wakes itself
 * up for each descriptor that comes or goes.
 */

/* (out) (transfer full) both */
void
sighej_guard_halves_new (SighejGuardStream *guard, GInputStream **input, GOutputStream **output);

/* The guard stream is about to be gone. */
void sighej_guard_halves_forget (GInputStream *input, GOutputStream *output);

G_END_DECLS
