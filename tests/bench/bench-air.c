/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "sighej-crypto.h"
#include "sighej-payload.h"
#include "sighej-sim-air.h"
#include "sighej-sim-packet.h"

/* A crowd on the simulated air: so many radios with a token each, heard evenly spread in time. */

#define SENDERS_MAX 10000
#define INTERVAL_MS_MIN 20
#define INTERVAL_MS_MAX 10240
/* The nearest stands at half a metre, the others behind it in steps, as far as 8 m. */
#define DISTANCE_MM_MIN 500
#define DISTANCE_MM_MAX 8000
#define NAME "crowd"

static volatile sig_atomic_t stopped;

static void
on_stop (int number)
{
  stopped = 1;
}

static void
make_packet (SighejSimPacket *packet, guint index, guint n_senders, guint8 realm)
{
  SighejPayload payload = {
    .flags = SIGHEJ_PAYLOAD_OPEN,
    .realm = realm,
    .tx_cal_dbm = SIGHEJ_TX_CAL_DEFAULT_DBM,
  };

  sighej_random_bytes (payload.token.bytes, sizeof payload.token.bytes);
  *packet = (SighejSimPacket){
    .loudness_dbm = SIGHEJ_TX_CAL_DEFAULT_DBM,
    .x_mm = (gint32) (DISTANCE_MM_MIN + (DISTANCE_MM_MAX - DISTANCE_MM_MIN) * index / n_senders),
    .n_data = SIGHEJ_PAYLOAD_BYTES,
    .name = NAME,
  };
  sighej_random_bytes (packet->address, sizeof packet->address);
  sighej_payload_encode (&payload, packet->data);
}

/* Sleeps to an instant of the monotonic clock: what was late does not delay what follows. */
static void
step (struct timespec *next, gint64 step_ns)
{
  next->tv_nsec += step_ns;
  while (next->tv_nsec >= 1000000000)
    {
      next->tv_nsec -= 1000000000;
      next->tv_sec++;
    }
  clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL);
}

static void
send_until_stopped (SighejSimAir *air, guint n_senders, guint interval_ms, guint8 realm)
{
  gint64 step_ns = (gint64) interval_ms * 1000000 / n_senders;
  g_autofree SighejSimPacket *packets = g_new (SighejSimPacket, n_senders);
  struct timespec next;
  guint64 n_lost = 0, n_sent = 0;

  for (guint i = 0; i < n_senders; i++)
    make_packet (&packets[i], i, n_senders, realm);
  clock_gettime (CLOCK_MONOTONIC, &next);
  while (!stopped)
    {
      guint8 bytes[SIGHEJ_SIM_PACKET_BYTES];

      sighej_sim_packet_encode (&packets[n_sent % n_senders], bytes);
      n_lost += sighej_sim_air_send (air, bytes, sizeof bytes);
      n_sent++;
      step (&next, step_ns);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  g_print ("sent %" G_GUINT64_FORMAT " not taken %" G_GUINT64_FORMAT "\n", n_sent, n_lost);
}

static void
on_changed (gpointer user_data)
{
}

int
main (int argc, char **argv)
{
  int n_senders = 200, interval_ms = 1000;
  g_autofree char *host = NULL;
  const GOptionEntry options[] = {
    { "senders", 0, 0, G_OPTION_ARG_INT, &n_senders, "How many (200)", "N" },
    { "interval-ms", 0, 0, G_OPTION_ARG_INT, &interval_ms, "Between two of one (1000)", "MS" },
    { "backend-host", 0, 0, G_OPTION_ARG_STRING, &host, "Whose realm they are in", "HOST" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("FOLDER - a crowd on the air");
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejClock) clock = NULL;
  SighejSimAir *air;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 2 || host == NULL
      || n_senders < 1 || n_senders > SENDERS_MAX || interval_ms < INTERVAL_MS_MIN
      || interval_ms > INTERVAL_MS_MAX)
    {
      g_printerr ("%s\n", error != NULL ? error->message : "wrong arguments: see --help");
      return EXIT_FAILURE;
    }
  clock = sighej_clock_new_system ();
  air = sighej_sim_air_new (argv[1], NAME, clock, on_changed, NULL, &error);
  if (air == NULL)
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }
  signal (SIGTERM, on_stop);
  signal (SIGINT, on_stop);
  send_until_stopped (air, (guint) n_senders, (guint) interval_ms, sighej_payload_realm (host));
  sighej_sim_air_free (air);
  return EXIT_SUCCESS;
}
