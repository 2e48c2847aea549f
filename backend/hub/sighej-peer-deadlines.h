/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SIGHEJ_PEER_PING_MS 20000
#define SIGHEJ_PEER_SILENCE_MS 45000

/**
 * SighejPeerDeadlines:
 * @state_until_us: when the peer's state is over; 0: it lasts
 * @expires_us: when its session is
 * @heard_us: when the client last sent anything
 * @pinged_us: from when the next ping is counted
 * @retry_us: when its outbox, which could not be read, is read again; 0: it could
 *
 * What one socket waits for, in microseconds of a clock that never jumps. Pure.
 */
typedef struct
{
  gint64 state_until_us;
  gint64 expires_us;
  gint64 heard_us;
  gint64 pinged_us;
  gint64 retry_us;
} SighejPeerDeadlines;

typedef enum
{
  SIGHEJ_PEER_NOTHING_DUE,
  SIGHEJ_PEER_SILENT, /* nothing came for SIGHEJ_PEER_SILENCE_MS */
  SIGHEJ_PEER_STATE_OVER,
  SIGHEJ_PEER_EXPIRED,
  SIGHEJ_PEER_RETRY_DUE,
  SIGHEJ_PEER_PING_DUE,
} SighejPeerDue;

/* The state lasts for @lasts_ms from now; 0: until it is changed. */
void sighej_peer_deadlines_begin_state (SighejPeerDeadlines *self, gint64 now_us, guint lasts_ms);

/* The outbox is to be read again in @wait_ms; 0: not. */
void sighej_peer_deadlines_set_retry (SighejPeerDeadlines *self, gint64 now_us, guint wait_ms);

/* When sighej_peer_deadlines_get_due() has something to say next. @is_open: it is proved, and not
 * being closed; else its session and its outbox do not matter, and it is not pinged */
gint64 sighej_peer_deadlines_next_us (const SighejPeerDeadlines *self, gboolean is_open);

/* The first of what is due, in the order of the enumeration. */
SighejPeerDue
sighej_peer_deadlines_get_due (const SighejPeerDeadlines *self, gboolean is_open, gint64 now_us);

G_END_DECLS
