/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <fcntl.h>
#include <math.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "sighej-radio-sim.h"
#include "sighej-sim-air.h"
#include "sighej-sim-packet.h"
#include "sighej-test.h"

static const SighejPayload payload_a
    = { SIGHEJ_PAYLOAD_OPEN, 0x35, -59, { { 0xa0, 1, 2, 3, 4, 5, 6, 7, 8, 9 } } };
static const SighejPayload payload_b
    = { SIGHEJ_PAYLOAD_OPEN, 0x35, -59, { { 0xb0, 1, 2, 3, 4, 5, 6, 7, 8, 9 } } };

typedef struct
{
  SighejTestClock *clock;
  char *air;
  SighejRadio *anna; /* sends */
  SighejRadio *bob;  /* listens */

  guint n_heard; /* by bob */
  int rssi_dbm;
  double rssi_sum;
  double rssi_square_sum;
} Fixture;

static void
on_heard (SighejRadio *radio, const guint8 *data, guint n_bytes, int rssi_dbm, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_cmpuint (n_bytes, ==, SIGHEJ_PAYLOAD_BYTES);
  fixture->n_heard++;
  fixture->rssi_dbm = rssi_dbm;
  fixture->rssi_sum += rssi_dbm;
  fixture->rssi_square_sum += rssi_dbm * rssi_dbm;
}

static SighejRadio *
make_radio (Fixture *fixture, const char *name)
{
  SighejRadio *radio = sighej_radio_sim_new_in (SIGHEJ_CLOCK (fixture->clock), fixture->air, name);

  sighej_radio_start (radio);
  return radio;
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *dir = sighej_test_dup_dir ();

  fixture->clock = sighej_test_clock_new ();
  fixture->air = g_build_filename (dir, "air", NULL);
  fixture->anna = make_radio (fixture, "anna");
  fixture->bob = make_radio (fixture, "bob");
  g_signal_connect (fixture->bob, "heard", G_CALLBACK (on_heard), fixture);
  sighej_radio_set_scan (fixture->bob, SIGHEJ_SCAN_CONTINUOUS);
  WAIT_UNTIL (sighej_radio_get_scanning (fixture->bob));
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  sighej_test_assert_finalized (fixture->anna);
  sighej_test_assert_finalized (fixture->bob);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_test_assert_finalized (fixture->clock);
  g_free (fixture->air);
}

static void
write_ini (Fixture *fixture, const char *text)
{
  g_autofree char *path = g_build_filename (fixture->air, "air.ini", NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  sighej_test_settle ();
}

static gboolean
is_on_air (SighejRadio *radio)
{
  return sighej_radio_get_on_air (radio, NULL);
}

static void
say (Fixture *fixture, const SighejPayload *payload)
{
  sighej_radio_set_payload (fixture->anna, payload);
  WAIT_UNTIL (is_on_air (fixture->anna));
  sighej_test_settle ();
}

/* Lets anna send @n packets more. */
static void
send_more (Fixture *fixture, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      sighej_test_clock_advance (fixture->clock, sighej_test_clock_next_us (fixture->clock));
      sighej_test_settle ();
    }
}

static guint64
counter (SighejRadio *radio, const char *name)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{st}"));
  g_autoptr (GVariant) counters = NULL;
  guint64 value = 0;

  sighej_radio_count (radio, &builder);
  counters = g_variant_ref_sink (g_variant_builder_end (&builder));
  g_assert_true (g_variant_lookup (counters, name, "t", &value));
  return value;
}

static guint
count_mailboxes (Fixture *fixture)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->air, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    n += g_str_has_prefix (name, "r-") ? 1 : 0;
  return n;
}

/* ---- strength ---- */

static void
assert_heard_at (Fixture *fixture, double x_m, double y_m, int rssi_dbm)
{
  g_autofree char *ini
      = g_strdup_printf ("[radio.anna]\nposition=%g,%g\n[radio.bob]\nposition=1,1\n", x_m, y_m);

  write_ini (fixture, ini);
  fixture->n_heard = 0;
  send_more (fixture, 1);
  g_assert_cmpuint (fixture->n_heard, ==, 1);
  g_assert_cmpint (fixture->rssi_dbm, ==, rssi_dbm);
}

static void
test_distance (Fixture *fixture, gconstpointer unused)
{
  say (fixture, &payload_a);
  assert_heard_at (fixture, 2, 1, -59);
  assert_heard_at (fixture, 1, 11, -84);
  assert_heard_at (fixture, 4, 5, -76); /* 5 m */
  assert_heard_at (fixture, 1, 1, -51); /* as if at half a metre */
  assert_heard_at (fixture, 1.4, 1, -51);
}

static void
test_out_of_range (Fixture *fixture, gconstpointer unused)
{
  write_ini (fixture, "[radio.anna]\nposition=100,0\n");
  say (fixture, &payload_a);
  send_more (fixture, 5);
  g_assert_cmpuint (fixture->n_heard, ==, 0);
  g_assert_cmpuint (counter (fixture->bob, "radio.lost"), ==, 6);

  write_ini (fixture, "[radio.anna]\nposition=100,0\ntx-dbm=0\n");
  send_more (fixture, 1);
  g_assert_cmpint (fixture->rssi_dbm, ==, -50);
}

static void
test_fixed_strength (Fixture *fixture, gconstpointer unused)
{
  write_ini (fixture,
             "[radio]\nposition=1,2\n[link.anna.bob]\nrssi-dbm=-71\n"
             "[link.bob.anna]\nrssi-dbm=-40\n[link.x.bob]\nrssi-dbm=-41\n");
  say (fixture, &payload_a);
  g_assert_cmpint (fixture->rssi_dbm, ==, -71);
}

static void
test_noise (Fixture *fixture, gconstpointer unused)
{
  double mean;
  double deviation;

  write_ini (fixture, "[link.anna.bob]\nrssi-dbm=-60\n[radio.bob]\nnoise-sigma-db=4\n");
  say (fixture, &payload_a);
  send_more (fixture, 999);
  g_assert_cmpuint (fixture->n_heard, ==, 1000);
  mean = fixture->rssi_sum / fixture->n_heard;
  deviation = sqrt (fixture->rssi_square_sum / fixture->n_heard - mean * mean);
  /* More than six standard errors each way. */
  g_assert_cmpfloat (fabs (mean + 60), <, 0.8);
  g_assert_cmpfloat (fabs (deviation - 4), <, 0.6);
}

static void
test_loss (Fixture *fixture, gconstpointer unused)
{
  write_ini (fixture, "[radio]\nloss=0.25\n");
  say (fixture, &payload_a);
  send_more (fixture, 999);
  g_assert_cmpuint (fixture->n_heard, >, 660);
  g_assert_cmpuint (fixture->n_heard, <, 840);

  write_ini (fixture, "[radio]\nloss=1\n");
  fixture->n_heard = 0;
  send_more (fixture, 100);
  g_assert_cmpuint (fixture->n_heard, ==, 0);
}

static void
test_interval (Fixture *fixture, gconstpointer unused)
{
  write_ini (fixture, "[radio.anna]\ninterval-ms=1000\n");
  say (fixture, &payload_a);
  for (guint i = 0; i < 100; i++)
    {
      sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
      sighej_test_settle ();
    }
  g_assert_cmpuint (fixture->n_heard, >=, 99);
  g_assert_cmpuint (fixture->n_heard, <=, 101);
}

static void
test_bad_values (Fixture *fixture, gconstpointer user_data)
{
  write_ini (fixture, user_data);
  say (fixture, &payload_a);
  send_more (fixture, 10);
  g_assert_cmpuint (fixture->n_heard, ==, 11);
  g_assert_cmpint (fixture->rssi_dbm, ==, -51);
  g_assert_cmpint (sighej_radio_get_trouble (fixture->bob), ==, SIGHEJ_REASON_NONE);
}

/* ---- faults ---- */

static void
test_faults (Fixture *fixture, gconstpointer unused)
{
  static const struct
  {
    const char *word;
    SighejReason reason;
  } faults[] = {
    { "off", SIGHEJ_REASON_BLUETOOTH_OFF },
    { "missing", SIGHEJ_REASON_BLUETOOTH_MISSING },
    { "blocked-soft", SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT },
    { "blocked-hard", SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD },
    { "unsupported", SIGHEJ_REASON_BLUETOOTH_UNSUPPORTED },
    { "denied", SIGHEJ_REASON_BLUETOOTH_DENIED },
    { "stalled", SIGHEJ_REASON_RADIO_STALLED },
    { "scan-conflict", SIGHEJ_REASON_SCAN_CONFLICT },
    { "privacy-blocked", SIGHEJ_REASON_PRIVACY_BLOCKED },
  };

  say (fixture, &payload_a);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *ini = g_strdup_printf ("[radio]\nfault=%s\n", faults[i].word);

      write_ini (fixture, ini);
      WAIT_UNTIL (sighej_radio_get_trouble (fixture->anna) == faults[i].reason);
      g_assert_false (is_on_air (fixture->anna));
      WAIT_UNTIL (!sighej_radio_get_scanning (fixture->bob));
      g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
      g_assert_cmpuint (count_mailboxes (fixture), ==, 0);

      write_ini (fixture, "");
      WAIT_UNTIL (is_on_air (fixture->anna) && sighej_radio_get_scanning (fixture->bob));
      g_assert_cmpint (sighej_radio_get_privacy (fixture->anna), ==, SIGHEJ_PRIVACY_PRIVATE);
    }
}

static void
test_fault_before_start (Fixture *fixture, gconstpointer unused)
{
  SighejRadio *carl;

  write_ini (fixture, "[radio.carl]\nfault=off\n");
  carl = make_radio (fixture, "carl");
  sighej_radio_set_payload (carl, &payload_a);
  sighej_test_settle ();
  g_assert_cmpint (sighej_radio_get_trouble (carl), ==, SIGHEJ_REASON_BLUETOOTH_OFF);
  g_assert_false (is_on_air (carl));
  sighej_test_assert_finalized (carl);
}

static void
test_unusable_air (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *file = g_build_filename (fixture->air, "file", NULL);
  g_autoptr (GPtrArray) results
      = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_check_result_free);
  SighejRadio *radio;

  g_assert_true (g_file_set_contents (file, "", -1, NULL));
  radio = sighej_radio_sim_new_in (SIGHEJ_CLOCK (fixture->clock), file, "x");
  sighej_radio_start (radio);
  sighej_radio_set_payload (radio, &payload_a);
  sighej_radio_set_scan (radio, SIGHEJ_SCAN_CONTINUOUS);
  sighej_test_settle ();
  g_assert_cmpint (sighej_radio_get_trouble (radio), ==, SIGHEJ_REASON_BLUETOOTH_MISSING);
  g_assert_false (is_on_air (radio));
  sighej_radio_check (radio, results);
  g_assert_cmpuint (results->len, ==, 1);
  g_assert_cmpstr (((SighejCheckResult *) results->pdata[0])->level, ==, "error");
  sighej_test_assert_finalized (radio);
}

/* ---- what is in the folder ---- */

/* A listener that is no radio of ours, to look at packets with. */
static int
open_mailbox (Fixture *fixture, const char *name)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_autofree char *path = g_build_filename (fixture->air, name, NULL);
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  g_assert_cmpint (fd, >=, 0);
  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  return fd;
}

static void
receive (int fd, SighejSimPacket *packet)
{
  guint8 bytes[SIGHEJ_SIM_PACKET_BYTES + 1];
  gssize n_bytes = recv (fd, bytes, sizeof bytes, 0);

  g_assert_cmpint (n_bytes, ==, SIGHEJ_SIM_PACKET_BYTES);
  g_assert_true (sighej_sim_packet_decode (bytes, (gsize) n_bytes, packet));
}

static void
send_to_bob (Fixture *fixture, const guint8 *bytes, gsize n_bytes)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->air, 0, NULL);
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      struct sockaddr_un address = { .sun_family = AF_UNIX };
      g_autofree char *path = g_build_filename (fixture->air, name, NULL);

      if (!g_str_has_prefix (name, "r-"))
        continue;
      g_strlcpy (address.sun_path, path, sizeof address.sun_path);
      g_assert_cmpint (sendto (fd, bytes, n_bytes, 0, (struct sockaddr *) &address, sizeof address),
                       ==,
                       n_bytes);
    }
  close (fd);
}

static void
test_address_changes (Fixture *fixture, gconstpointer unused)
{
  SighejSimPacket first;
  SighejSimPacket again;
  SighejSimPacket other;
  int fd = open_mailbox (fixture, "r-0000000000000000");

  sighej_test_settle ();
  say (fixture, &payload_a);
  receive (fd, &first);
  send_more (fixture, 1);
  receive (fd, &again);
  sighej_radio_set_payload (fixture->anna, &payload_b);
  sighej_test_settle ();
  receive (fd, &other);

  g_assert_cmpstr (first.name, ==, "anna");
  g_assert_cmpmem (first.address, 6, again.address, 6);
  g_assert_cmpint (memcmp (first.data, other.data, SIGHEJ_PAYLOAD_BYTES), !=, 0);
  g_assert_cmpint (memcmp (first.address, other.address, 6), !=, 0);
  g_assert_cmpint (recv (fd, &first, 1, 0), <, 0);
  close (fd);
}

static void
test_never_hears_itself (Fixture *fixture, gconstpointer unused)
{
  sighej_radio_set_payload (fixture->bob, &payload_b);
  WAIT_UNTIL (is_on_air (fixture->bob));
  sighej_test_clock_advance (fixture->clock, 10 * G_USEC_PER_SEC);
  sighej_test_settle ();
  g_assert_cmpuint (counter (fixture->bob, "radio.sent"), >, 30);
  g_assert_cmpuint (fixture->n_heard, ==, 0);
}

static void
test_hears_only_while_scanning (Fixture *fixture, gconstpointer unused)
{
  say (fixture, &payload_a);
  g_assert_cmpuint (fixture->n_heard, ==, 1);
  sighej_radio_set_scan (fixture->bob, SIGHEJ_SCAN_OFF);
  sighej_test_settle ();
  send_more (fixture, 3);
  g_assert_cmpuint (fixture->n_heard, ==, 1);
  g_assert_cmpuint (count_mailboxes (fixture), ==, 0);
  sighej_radio_set_scan (fixture->bob, SIGHEJ_SCAN_CONTINUOUS);
  sighej_test_settle ();
  send_more (fixture, 1);
  g_assert_cmpuint (fixture->n_heard, ==, 2);
}

static void
test_stale_mailbox_is_swept (Fixture *fixture, gconstpointer unused)
{
  close (open_mailbox (fixture, "r-00000000000000ff"));
  g_assert_cmpuint (count_mailboxes (fixture), ==, 2);
  sighej_test_settle ();
  say (fixture, &payload_a);
  g_assert_cmpuint (count_mailboxes (fixture), ==, 1);
  g_assert_cmpuint (fixture->n_heard, ==, 1);
}

static void
test_full_mailbox_is_no_obstacle (Fixture *fixture, gconstpointer unused)
{
  int fd = open_mailbox (fixture, "r-0000000000000000");

  sighej_test_settle ();
  say (fixture, &payload_a);
  send_more (fixture, 1200); /* more than net.unix.max_dgram_qlen anywhere sensible */
  g_assert_cmpuint (fixture->n_heard, ==, 1201);
  g_assert_cmpuint (counter (fixture->anna, "radio.mailboxes-full"), >, 0);
  close (fd);
}

static void
test_malformed (Fixture *fixture, gconstpointer unused)
{
  guint8 bytes[4096] = { 'S', 'A', 'I', 'R', 1 };

  send_to_bob (fixture, bytes, 0);
  send_to_bob (fixture, bytes, 5);
  send_to_bob (fixture, bytes, SIGHEJ_SIM_PACKET_BYTES);
  send_to_bob (fixture, bytes, sizeof bytes);
  WAIT_UNTIL (counter (fixture->bob, "radio.dropped-malformed") == 4);
  g_assert_cmpuint (fixture->n_heard, ==, 0);
}

static void
test_flood (Fixture *fixture, gconstpointer unused)
{
  SighejSimPacket packet
      = { .loudness_dbm = -59, .n_data = SIGHEJ_PAYLOAD_BYTES, .data = { 1 }, .name = "x" };
  guint8 bytes[SIGHEJ_SIM_PACKET_BYTES];

  sighej_sim_packet_encode (&packet, bytes);
  for (guint i = 0; i < 2100; i++)
    {
      send_to_bob (fixture, bytes, sizeof bytes);
      g_main_context_iteration (NULL, FALSE);
    }
  sighej_test_settle ();
  g_assert_cmpuint (fixture->n_heard, ==, 2000);
  g_assert_cmpuint (counter (fixture->bob, "radio.dropped-rate"), ==, 100);

  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  send_to_bob (fixture, bytes, sizeof bytes);
  WAIT_UNTIL (fixture->n_heard == 2001);
}

static void
test_folder (Fixture *fixture, gconstpointer unused)
{
  GStatBuf stat_buf;

  g_assert_cmpint (g_stat (fixture->air, &stat_buf), ==, 0);
  g_assert_cmpint (stat_buf.st_mode & 0777, ==, 0700);
}

static void
test_long_path (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *filler = g_strnfill (150, 'x');
  g_autofree char *dir = g_build_filename (fixture->air, filler, NULL);
  SighejRadio *radio = sighej_radio_sim_new_in (SIGHEJ_CLOCK (fixture->clock), dir, "x");

  sighej_radio_start (radio);
  sighej_radio_set_scan (radio, SIGHEJ_SCAN_CONTINUOUS);
  WAIT_UNTIL (sighej_radio_get_scanning (radio));
  sighej_test_assert_finalized (radio);
}

static void
test_any_name (Fixture *fixture, gconstpointer unused)
{
  static const char *const names[]
      = { "", "a.b/c d", "åse", "a-name-that-is-far-too-long-for-this" };
  SighejSimPacket packet;
  int fd = open_mailbox (fixture, "r-0000000000000000");

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      SighejRadio *radio = make_radio (fixture, names[i]);
      g_autofree char *adapter = NULL;

      sighej_radio_set_payload (radio, &payload_a);
      WAIT_UNTIL (is_on_air (radio));
      adapter = sighej_radio_dup_adapter (radio);
      g_assert_true (g_variant_is_object_path (adapter));
      receive (fd, &packet);
      sighej_test_assert_finalized (radio);
    }
  close (fd);
}

static void
test_many (Fixture *fixture, gconstpointer unused)
{
  SighejRadio *radios[30];

  for (guint i = 0; i < G_N_ELEMENTS (radios); i++)
    {
      g_autofree char *name = g_strdup_printf ("r%u", i);

      radios[i] = make_radio (fixture, name);
      sighej_radio_set_scan (radios[i], SIGHEJ_SCAN_CONTINUOUS);
    }
  sighej_test_settle ();
  /* One after the other: a mailbox may hold as few as ten packets (net.unix.max_dgram_qlen). */
  for (guint i = 0; i < G_N_ELEMENTS (radios); i++)
    {
      sighej_radio_set_payload (radios[i], &payload_a);
      sighej_test_settle ();
    }
  for (guint i = 0; i < G_N_ELEMENTS (radios); i++)
    {
      g_assert_cmpuint (counter (radios[i], "radio.heard"), ==, G_N_ELEMENTS (radios) - 1);
      sighej_test_assert_finalized (radios[i]);
    }
  g_assert_cmpuint (fixture->n_heard, ==, G_N_ELEMENTS (radios));
}

static void
test_idle (Fixture *fixture, gconstpointer unused)
{
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  say (fixture, &payload_a);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), >, 0);
  sighej_radio_set_payload (fixture->anna, NULL);
  sighej_test_settle ();
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
}

#define ADD(path, user_data, function)                                                             \
  g_test_add ("/radio-sim/" path, Fixture, user_data, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("strength-follows-distance", NULL, test_distance);
  ADD ("far-away-is-not-heard", NULL, test_out_of_range);
  ADD ("strength-can-be-fixed", NULL, test_fixed_strength);
  ADD ("noise", NULL, test_noise);
  ADD ("loss", NULL, test_loss);
  ADD ("interval", NULL, test_interval);
  ADD ("bad-values/not-a-key-file", "hello", test_bad_values);
  ADD ("bad-values/numbers",
       "[radio]\nposition=1\nloss=2\nnoise-sigma-db=-1\ninterval-ms=0\ntx-dbm=999\n",
       test_bad_values);
  ADD ("bad-values/words",
       "[radio]\nposition=a,b\nloss=nan\nnoise-sigma-db=x\nfault=gremlins\n"
       "[link.anna.bob]\nrssi-dbm=loud\n[link.anna]\nrssi-dbm=-1\n[link.anna.bob.x]\nrssi-dbm=-1\n",
       test_bad_values);
  ADD ("faults-come-and-go", NULL, test_faults);
  ADD ("fault-from-the-start", NULL, test_fault_before_start);
  ADD ("unusable-air-is-explained", NULL, test_unusable_air);
  ADD ("address-changes-with-the-payload", NULL, test_address_changes);
  ADD ("never-hears-itself", NULL, test_never_hears_itself);
  ADD ("hears-only-while-scanning", NULL, test_hears_only_while_scanning);
  ADD ("stale-mailbox-is-swept", NULL, test_stale_mailbox_is_swept);
  ADD ("full-mailbox-is-no-obstacle", NULL, test_full_mailbox_is_no_obstacle);
  ADD ("malformed-packets-are-counted", NULL, test_malformed);
  ADD ("flood-is-bounded", NULL, test_flood);
  ADD ("folder-is-private", NULL, test_folder);
  ADD ("folder-may-have-a-long-name", NULL, test_long_path);
  ADD ("any-name-will-do", NULL, test_any_name);
  ADD ("thirty-hear-each-other", NULL, test_many);
  ADD ("no-wait-while-silent", NULL, test_idle);

  return g_test_run ();
}
