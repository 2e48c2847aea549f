/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SighejCarrier:
 *
 * What a request came by, and what its answer leaves by: a message of libsoup's
 * (sighej-soup-carrier.h) or the lane (sighej-lane.h). An exchange has one and frees it.
 */
typedef struct _SighejCarrier SighejCarrier;

/**
 * SighejCarrierFuncs:
 * @get_header: (nullable): several lines of one name are joined by ", "
 * @get_content_type: (nullable): without parameters
 * @dup_body: (transfer full)
 * @set_header: of the answer; takes the place of one of that name
 * @wait: the answer comes later
 * @send: once; a copy of @body or a reference is kept until it has left
 */
typedef struct
{
  const char *(*get_method) (SighejCarrier *self);
  const char *(*get_path) (SighejCarrier *self);
  const char *(*get_header) (SighejCarrier *self, const char *name);
  const char *(*get_content_type) (SighejCarrier *self);
  GSocketAddress *(*get_remote_address) (SighejCarrier *self);
  GBytes *(*dup_body) (SighejCarrier *self);
  void (*set_header) (SighejCarrier *self, const char *name, const char *value);
  void (*wait) (SighejCarrier *self);
  void (*send) (SighejCarrier *self, guint status, GBytes *body);
  void (*free) (SighejCarrier *self);
} SighejCarrierFuncs;

struct _SighejCarrier
{
  const SighejCarrierFuncs *funcs;
};

G_END_DECLS
