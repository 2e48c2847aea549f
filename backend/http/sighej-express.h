/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Which requests the lane (sighej-lane.h) takes past libsoup: `POST /match` as nearly every client
 * writes it. In doubt libsoup gets it. Pure.
 */

#define SIGHEJ_EXPRESS_BYTES_MAX 4096 /* head and body */
#define SIGHEJ_EXPRESS_LINES_MAX 24

/* Offsets into the request. */
typedef struct
{
  guint16 name;
  guint16 name_end;
  guint16 value;
  guint16 value_end;
} SighejExpressLine;

/**
 * SighejExpress:
 * @path, @path_end: of the request target, which has nothing else
 * @n_head, @n_body: bytes
 */
typedef struct
{
  guint16 path;
  guint16 path_end;
  guint16 n_head;
  guint16 n_body;
  guint n_lines;
  SighejExpressLine lines[SIGHEJ_EXPRESS_LINES_MAX];
} SighejExpress;

/**
 * sighej_express_read:
 * @data: a head that sighej_head_check() took
 *
 * Takes HTTP/1.1 with `Content-Type: application/json`, no header twice, no byte beyond ASCII, no
 * Expect or Upgrade and no Connection but `keep-alive`.
 *
 * Returns: whether the request is one for the lane
 */
gboolean sighej_express_read (SighejExpress *self, const char *data, gsize n_head, gsize n_body);

/* Returns: the line of that name; -1 when there is none */
int sighej_express_find (const SighejExpress *self, const char *data, const char *name);

G_END_DECLS
