/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-sim-packet.h"

static void
make_packet (SighejSimPacket *packet)
{
  *packet = (SighejSimPacket){ .loudness_dbm = -59,
                               .x_mm = -1500,
                               .y_mm = 250,
                               .address = { 1, 2, 3, 4, 5, 6 },
                               .n_data = 3,
                               .data = { 7, 8, 9 },
                               .name = "anna" };
}

static void
test_round_trip (void)
{
  SighejSimPacket packet;
  SighejSimPacket back;
  guint8 bytes[SIGHEJ_SIM_PACKET_BYTES];

  make_packet (&packet);
  sighej_sim_packet_encode (&packet, bytes);
  g_assert_true (sighej_sim_packet_decode (bytes, sizeof bytes, &back));
  g_assert_cmpint (back.loudness_dbm, ==, -59);
  g_assert_cmpint (back.x_mm, ==, -1500);
  g_assert_cmpint (back.y_mm, ==, 250);
  g_assert_cmpmem (back.address, 6, packet.address, 6);
  g_assert_cmpmem (back.data, back.n_data, packet.data, 3);
  g_assert_cmpstr (back.name, ==, "anna");
}

/* The format is a contract with tools outside this program. */
static void
test_layout (void)
{
  static const guint8 expected[SIGHEJ_SIM_PACKET_BYTES] = {
    'S', 'A', 'I', 'R', 1, 3, 0xc5, 0, 0x24, 0xfa, 0xff,       0xff, 0xfa, 0,   0,
    0,   1,   2,   3,   4, 5, 6,    7, 8,    9,    [56] = 'a', 'n',  'n',  'a',
  };
  SighejSimPacket packet;
  guint8 bytes[SIGHEJ_SIM_PACKET_BYTES];

  make_packet (&packet);
  sighej_sim_packet_encode (&packet, bytes);
  g_assert_cmpmem (bytes, sizeof bytes, expected, sizeof expected);
}

static void
assert_refused (guint at, guint8 value)
{
  SighejSimPacket packet;
  guint8 bytes[SIGHEJ_SIM_PACKET_BYTES];

  make_packet (&packet);
  sighej_sim_packet_encode (&packet, bytes);
  bytes[at] = value;
  g_assert_false (sighej_sim_packet_decode (bytes, sizeof bytes, &packet));
}

static void
test_refusals (void)
{
  SighejSimPacket packet;
  guint8 bytes[SIGHEJ_SIM_PACKET_BYTES + 1] = { 0 };

  make_packet (&packet);
  sighej_sim_packet_encode (&packet, bytes);
  for (gsize n = 0; n < sizeof bytes; n++)
    g_assert_cmpint (
        sighej_sim_packet_decode (bytes, n, &packet), ==, n == SIGHEJ_SIM_PACKET_BYTES);
  g_assert_false (sighej_sim_packet_decode (bytes, sizeof bytes, &packet));

  assert_refused (0, 's');
  assert_refused (4, 2);
  assert_refused (5, 0);
  assert_refused (5, 2); /* then a byte follows that should be zero */
  assert_refused (5, 32);
  assert_refused (6, 0x80);
  assert_refused (6, 21);
  assert_refused (7, 1);
  assert_refused (11, 0x7f); /* some 2000 km away */
  assert_refused (15, 0x80);
  assert_refused (52, 1);
  assert_refused (54, 1);
  assert_refused (56, 0);
  assert_refused (56, '.');
  assert_refused (56, 0xc3);
  assert_refused (70, 'x');
  assert_refused (79, 'x');
}

/* Whatever one byte is changed to: refused, or read without harm. */
static void
test_every_byte (void)
{
  for (guint at = 0; at < SIGHEJ_SIM_PACKET_BYTES; at++)
    {
      for (guint value = 0; value < 256; value++)
        {
          SighejSimPacket packet;
          guint8 bytes[SIGHEJ_SIM_PACKET_BYTES];

          make_packet (&packet);
          sighej_sim_packet_encode (&packet, bytes);
          bytes[at] = (guint8) value;
          if (!sighej_sim_packet_decode (bytes, sizeof bytes, &packet))
            continue;
          g_assert_cmpuint (packet.n_data, <=, SIGHEJ_SIM_DATA_BYTES_MAX);
          g_assert_true (sighej_sim_name_is_valid (packet.name));
        }
    }
}

static void
test_names (void)
{
  g_assert_true (sighej_sim_name_is_valid ("a"));
  g_assert_true (sighej_sim_name_is_valid ("Desk_4-b"));
  g_assert_true (sighej_sim_name_is_valid ("12345678901234567890123"));
  g_assert_false (sighej_sim_name_is_valid ("123456789012345678901234"));
  g_assert_false (sighej_sim_name_is_valid (""));
  g_assert_false (sighej_sim_name_is_valid ("a.b"));
  g_assert_false (sighej_sim_name_is_valid ("a b"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sim-packet/round-trip", test_round_trip);
  g_test_add_func ("/sim-packet/layout", test_layout);
  g_test_add_func ("/sim-packet/refusals", test_refusals);
  g_test_add_func ("/sim-packet/every-byte", test_every_byte);
  g_test_add_func ("/sim-packet/names", test_names);

  return g_test_run ();
}
