/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <glib-unix.h>

#include "fake-bluez.h"
#include "sighej-payload.h"

#define NS_PER_SECOND 1000000000L
#define RSSI_NEAREST_DBM -45
#define RSSI_SPREAD_DB 45
#define RSSI_NOISE_DB 4
#define NON_RESOLVABLE_MASK 0x3f /* both highest bits of such an address are 0 */

typedef struct
{
  guint8 address[FAKE_ADDRESS_BYTES];
  guint8 data[SIGHEJ_PAYLOAD_BYTES];
  gint16 rssi_dbm;
  gboolean ours;
} Sender;

struct _FakeCrowd
{
  FakeAdapter *adapter;
  FakeCrowdOptions options;
  GRand *random;
  Sender *senders;
  int timer_fd;
  guint source_id;
  guint64 n_total;
  guint64 n_done;
  guint64 n_rotated;
};

static void
draw_bytes (GRand *random, guint8 *bytes, gsize n_bytes)
{
  for (gsize i = 0; i < n_bytes; i++)
    bytes[i] = (guint8) g_rand_int_range (random, 0, 256);
}

/* A new token comes with a new address. */
static void
rotate (FakeCrowd *crowd, Sender *sender)
{
  SighejPayload payload = {
    .flags = SIGHEJ_PAYLOAD_OPEN,
    .realm = (guint8) crowd->options.realm,
    .tx_cal_dbm = SIGHEJ_TX_CAL_DEFAULT_DBM,
  };

  draw_bytes (crowd->random, sender->address, sizeof sender->address);
  sender->address[0] &= NON_RESOLVABLE_MASK;
  draw_bytes (crowd->random, payload.token.bytes, sizeof payload.token.bytes);
  sighej_payload_encode (&payload, sender->data);
}

/* Packets follow each other evenly, and every sender has its turn. */
static void
send_packet (FakeCrowd *crowd)
{
  const FakeCrowdOptions *options = &crowd->options;
  Sender *sender = &crowd->senders[crowd->n_done % options->n_senders];
  gint32 noise_db = g_rand_int_range (crowd->random, -RSSI_NOISE_DB, RSSI_NOISE_DB + 1);

  fake_device_hear (crowd->adapter,
                    sender->address,
                    sender->data,
                    sizeof sender->data,
                    (gint16) (sender->rssi_dbm + noise_db),
                    sender->ours);
  crowd->n_done++;
  while (crowd->n_done * options->n_senders
         >= (crowd->n_rotated + 1) * options->rate * options->rotate_seconds)
    rotate (crowd, &crowd->senders[crowd->n_rotated++ % options->n_senders]);
}

gboolean
fake_crowd_is_over (FakeCrowd *crowd)
{
  return crowd->n_done >= crowd->n_total;
}

static gboolean
on_due (int fd, GIOCondition condition, gpointer user_data)
{
  FakeCrowd *crowd = user_data;
  guint64 n_due;

  if (read (fd, &n_due, sizeof n_due) != sizeof n_due)
    return G_SOURCE_CONTINUE;
  for (; n_due > 0 && !fake_crowd_is_over (crowd); n_due--)
    send_packet (crowd);
  if (!fake_crowd_is_over (crowd))
    return G_SOURCE_CONTINUE;

  crowd->source_id = 0;
  return G_SOURCE_REMOVE;
}

static void
start_timer (FakeCrowd *crowd)
{
  long every_ns = NS_PER_SECOND / crowd->options.rate;
  struct itimerspec when = {
    .it_interval = { every_ns / NS_PER_SECOND, every_ns % NS_PER_SECOND },
    .it_value = { every_ns / NS_PER_SECOND, every_ns % NS_PER_SECOND },
  };

  crowd->timer_fd = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  g_assert_no_errno (crowd->timer_fd);
  g_assert_no_errno (timerfd_settime (crowd->timer_fd, 0, &when, NULL));
  crowd->source_id = g_unix_fd_add (crowd->timer_fd, G_IO_IN, on_due, crowd);
}

FakeCrowd *
fake_crowd_new (FakeAdapter *adapter, const FakeCrowdOptions *options)
{
  FakeCrowd *crowd = g_new0 (FakeCrowd, 1);

  crowd->adapter = adapter;
  crowd->options = *options;
  crowd->random = g_rand_new_with_seed (options->seed);
  crowd->senders = g_new0 (Sender, options->n_senders);
  crowd->n_total = (guint64) options->rate * options->seconds;
  for (guint i = 0; i < options->n_senders; i++)
    {
      Sender *sender = &crowd->senders[i];

      sender->rssi_dbm
          = (gint16) (RSSI_NEAREST_DBM - g_rand_int_range (crowd->random, 0, RSSI_SPREAD_DB));
      sender->ours = (guint) g_rand_int_range (crowd->random, 0, 100) >= options->foreign_percent;
      rotate (crowd, sender);
    }
  start_timer (crowd);

  return crowd;
}

void
fake_crowd_free (FakeCrowd *crowd)
{
  g_clear_handle_id (&crowd->source_id, g_source_remove);
  close (crowd->timer_fd);
  g_rand_free (crowd->random);
  g_free (crowd->senders);
  g_free (crowd);
}
