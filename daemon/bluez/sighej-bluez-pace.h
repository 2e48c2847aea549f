/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * How often discovery is restarted. Of the paces measured (radio.md section 6) it is the shortest
 * that leaves room for one packet of the slowest neighbours, who send every 1,280 ms.
 */
#define SIGHEJ_BLUEZ_PACE_RESTART_MS 1500
/*
 * In a crowd less often: each restart makes bluetoothd tell of every device anew, so many a
 * second on average at most.
 */
#define SIGHEJ_BLUEZ_PACE_PACKETS_PER_SECOND 100
/* So long after a token was heard last there are restarts. */
#define SIGHEJ_BLUEZ_PACE_TOKEN_SECONDS 60
/*
 * So long restarts are spared after the same token came twice in one scan; shorter than the
 * 10.24 s after which the kernel restarts by itself.
 */
#define SIGHEJ_BLUEZ_PACE_TRUST_SECONDS 5

/* More of a token's data is not compared. */
#define SIGHEJ_BLUEZ_PACE_SAMPLE_BYTES_MAX 31

/**
 * SighejBluezPace:
 * @heard_us: when a token was heard last; 0: never
 * @start_us: when the scan that runs began, or its last restart was spared
 * @n_packets: of any device, since then
 * @trust_until_us: until then the controller reports again by itself
 * @sample: the data of one token heard in this scan
 * @sample_n_bytes: 0: none yet
 * @sample_us: when it was heard
 *
 * When to restart a discovery without a monitor (BLE 6). A controller that filters duplicates
 * reports each address once a scan, so a restart makes it report all again. Where the same token
 * comes twice in one scan nothing is filtered, and restarts would only make us deaf for a moment:
 * some kernels lift the filter, and so does a monitor of another program. A value without a clock;
 * all zero bytes have heard nobody. Every now_us is microseconds on a clock that never jumps.
 */
typedef struct
{
  gint64 heard_us;
  gint64 start_us;
  guint n_packets;
  gint64 trust_until_us;
  guint8 sample[SIGHEJ_BLUEZ_PACE_SAMPLE_BYTES_MAX];
  guint sample_n_bytes;
  gint64 sample_us;
} SighejBluezPace;

/* A scan has begun. */
void sighej_bluez_pace_start (SighejBluezPace *self, gint64 now_us);

/* A packet of any device came in it. */
void sighej_bluez_pace_count (SighejBluezPace *self);

/* A token was heard in it. */
void
sighej_bluez_pace_hear (SighejBluezPace *self, const guint8 *data, guint n_bytes, gint64 now_us);

/*
 * When sighej_bluez_pace_take_due() should be asked; 0: no token was heard lately. Packets that
 * come meanwhile may put it off.
 */
gint64 sighej_bluez_pace_get_due_us (const SighejBluezPace *self, gint64 now_us);

/**
 * sighej_bluez_pace_take_due:
 *
 * To be asked at the due time or later. Returns: TRUE: restart now. FALSE: it is spared, and the
 * due time is a later one.
 */
gboolean sighej_bluez_pace_take_due (SighejBluezPace *self, gint64 now_us);

G_END_DECLS
