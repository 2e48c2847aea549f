/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-bluez-mgmt.h"
#include "sighej-test.h"

/* As the kernel sends them (btmon, kernel 6.1): hci1 is on, with LE, BR/EDR and privacy. */
#define SETTINGS 0x00002ac1u
static const guint8 new_settings[] = { 0x06, 0x00, 0x01, 0x00, 0x04, 0x00, 0xc1, 0x2a, 0x00, 0x00 };
static const guint8 index_added[] = { 0x04, 0x00, 0x01, 0x00, 0x00, 0x00 };
static const guint8 index_removed[] = { 0x05, 0x00, 0x01, 0x00, 0x00, 0x00 };
static const guint8 refused[] = { 0x02, 0x00, 0x01, 0x00, 0x03, 0x00, 0x04, 0x00, 0x11 };
static const guint8 name_changed[]
    = { 0x08, 0x00, 0x01, 0x00, 0x05, 0x00, 'h', 'c', 'i', '1', 0x00 };
static const guint8 information[] = {
  0x01, 0x00, 0x01, 0x00, 0x17, 0x00, /* Command Complete of hci1, 23 bytes follow */
  0x04, 0x00, 0x00,                   /* Read Information, success */
  0x01, 0x00, 0x00, 0x01, 0xaa, 0x00, /* address */
  0x09, 0xf1, 0x05,                   /* version, manufacturer */
  0xff, 0xff, 0x00, 0x00,             /* supported settings */
  0xc1, 0x2a, 0x00, 0x00,             /* current settings */
  0x00, 0x00, 0x00,                   /* the class, and no name here */
};

static void
assert_says (const guint8 *bytes, gsize n_bytes, SighejBluezMgmtKind kind, guint32 settings)
{
  SighejBluezMgmtPacket packet = sighej_bluez_mgmt_parse (bytes, n_bytes);

  g_assert_cmpint (packet.kind, ==, kind);
  g_assert_cmpuint (packet.settings, ==, settings);
  if (kind != SIGHEJ_BLUEZ_MGMT_IGNORED)
    g_assert_cmpuint (packet.index, ==, 1);
}

static void
test_what_the_kernel_says_is_read (void)
{
  assert_says (new_settings, sizeof new_settings, SIGHEJ_BLUEZ_MGMT_SETTINGS, SETTINGS);
  assert_says (information, sizeof information, SIGHEJ_BLUEZ_MGMT_SETTINGS, SETTINGS);
  assert_says (index_added, sizeof index_added, SIGHEJ_BLUEZ_MGMT_ADDED, 0);
  assert_says (index_removed, sizeof index_removed, SIGHEJ_BLUEZ_MGMT_REMOVED, 0);
  assert_says (refused, sizeof refused, SIGHEJ_BLUEZ_MGMT_REFUSED, 0);
  assert_says (name_changed, sizeof name_changed, SIGHEJ_BLUEZ_MGMT_IGNORED, 0);
}

/* Each packet is copied, so that a sanitizer sees a byte too many. */
static void
assert_ignored (const guint8 *bytes, gsize n_bytes)
{
  g_autofree guint8 *exact = g_memdup2 (bytes, n_bytes);

  assert_says (exact, n_bytes, SIGHEJ_BLUEZ_MGMT_IGNORED, 0);
}

static void
test_cut_off_packets_are_ignored (void)
{
  for (gsize n_bytes = 0; n_bytes < sizeof new_settings; n_bytes++)
    assert_ignored (new_settings, n_bytes);
  for (gsize n_bytes = 0; n_bytes < sizeof information; n_bytes++)
    assert_ignored (information, n_bytes);
  for (gsize n_bytes = 0; n_bytes < sizeof refused; n_bytes++)
    assert_ignored (refused, n_bytes);
}

/* Bodies too short although the header says so, and a header that lies. */
static void
test_short_bodies_and_wrong_lengths_are_ignored (void)
{
  static const guint8 short_settings[] = { 0x06, 0, 0x01, 0, 0x03, 0, 0xc1, 0x2a, 0x00 };
  static const guint8 short_answer[] = { 0x01, 0, 0x01, 0, 0x02, 0, 0x04, 0x00 };
  static const guint8 no_information[] = { 0x01, 0, 0x01, 0, 0x03, 0, 0x04, 0x00, 0x00 };
  static const guint8 other_command[] = { 0x02, 0, 0x01, 0, 0x03, 0, 0x05, 0x00, 0x14 };
  static const guint8 liar[] = { 0x06, 0, 0x01, 0, 0xff, 0xff, 0xc1, 0x2a, 0x00, 0x00 };

  assert_ignored (short_settings, sizeof short_settings);
  assert_ignored (short_answer, sizeof short_answer);
  assert_ignored (no_information, sizeof no_information);
  assert_ignored (other_command, sizeof other_command);
  assert_ignored (liar, sizeof liar);
}

static void
test_the_question_is_read_information (void)
{
  static const guint8 expected[] = { 0x04, 0x00, 0x02, 0x01, 0x00, 0x00 };
  guint8 question[SIGHEJ_BLUEZ_MGMT_REQUEST_BYTES];

  sighej_bluez_mgmt_write_question (0x0102, question);
  g_assert_cmpmem (question, sizeof question, expected, sizeof expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/bluez/mgmt/reads-what-the-kernel-says", test_what_the_kernel_says_is_read);
  g_test_add_func ("/bluez/mgmt/ignores-what-is-cut-off", test_cut_off_packets_are_ignored);
  g_test_add_func ("/bluez/mgmt/ignores-wrong-lengths",
                   test_short_bodies_and_wrong_lengths_are_ignored);
  g_test_add_func ("/bluez/mgmt/asks-for-information", test_the_question_is_read_information);

  return g_test_run ();
}
