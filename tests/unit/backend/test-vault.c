/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "sighej-error.h"
#include "sighej-test.h"
#include "sighej-vault.h"

#define SESSION_ID "6f0c7e0e-0000-4000-8000-000000000001"

static char *
dup_key_path (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();

  return g_build_filename (folder, "backend.key", NULL);
}

static void
write_key (const char *path, gsize n_bytes, int mode)
{
  g_autofree char *bytes = g_malloc (n_bytes);
  g_autoptr (GError) error = NULL;

  memset (bytes, 'k', n_bytes);
  g_file_set_contents_full (
      path, bytes, (gssize) n_bytes, G_FILE_SET_CONTENTS_CONSISTENT, mode, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (path, mode), ==, 0);
}

static SighejVault *
open_vault (const char *path)
{
  g_autoptr (GError) error = NULL;
  SighejVault *vault = sighej_vault_new_from_file (path, FALSE, &error);

  g_assert_no_error (error);
  return vault;
}

static SighejVault *
new_vault (void)
{
  g_autofree char *path = dup_key_path ();

  write_key (path, 32, 0600);
  return open_vault (path);
}

/* Twice each: a key that is set up once must begin anew every time. */
static void
assert_same_nudge (SighejVault *one, SighejVault *other, gboolean same)
{
  static const guint8 a[16] = { 1 };
  static const guint8 b[16] = { 2 };
  char of_one[33], of_other[33];

  for (guint i = 0; i < 2; i++)
    {
      sighej_vault_nudge_id (one, a, b, of_one);
      sighej_vault_nudge_id (other, b, a, of_other);
      g_assert_cmpint (g_str_equal (of_one, of_other), ==, same);
    }
}

static void
test_creates_a_private_key_once (void)
{
  g_autofree char *path = dup_key_path ();
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejVault) first = sighej_vault_new_from_file (path, TRUE, &error);
  g_autoptr (SighejVault) second = NULL;
  GStatBuf status;

  g_assert_no_error (error);
  second = sighej_vault_new_from_file (path, TRUE, &error);
  g_assert_no_error (error);
  assert_same_nudge (first, second, TRUE);

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
  g_assert_cmpint (status.st_size, ==, 32);
}

static void
test_leaves_no_draft_behind (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *path = g_build_filename (folder, "backend.key", NULL);
  g_autoptr (SighejVault) vault = sighej_vault_new_from_file (path, TRUE, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  g_assert_nonnull (vault);
  g_assert_cmpstr (g_dir_read_name (dir), ==, "backend.key");
  g_assert_null (g_dir_read_name (dir));
}

static void
assert_refused (const char *path, const char *why)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (sighej_vault_new_from_file (path, FALSE, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, why));
}

static void
test_refuses_a_key_file_that_is_not_right (void)
{
  g_autofree char *path = dup_key_path ();
  g_autofree char *folder = g_path_get_dirname (path);

  assert_refused (path, "No such file");
  write_key (path, 32, 0644);
  assert_refused (path, "others may read it");
  write_key (path, 32, 0620);
  assert_refused (path, "others may read it");
  write_key (path, 31, 0600);
  assert_refused (path, "32 to 4096 bytes");
  write_key (path, 4097, 0600);
  assert_refused (path, "32 to 4096 bytes");
  assert_refused (folder, "not a file");
}

static void
test_takes_a_systemd_credential (void)
{
  g_autofree char *path = dup_key_path ();
  g_autoptr (SighejVault) vault = NULL;

  write_key (path, 4096, 0440);
  vault = open_vault (path);
  g_assert_nonnull (vault);
}

static void
test_each_day_has_a_key_of_its_own (void)
{
  g_autoptr (SighejVault) vault = new_vault ();
  guint8 hash[4][16];
  guint8 again[16];

  for (guint day = 0; day < G_N_ELEMENTS (hash); day++)
    sighej_vault_hash_interest (vault, 20000 + day, "devops", hash[day]);
  for (guint day = 0; day < G_N_ELEMENTS (hash); day++)
    {
      sighej_vault_hash_interest (vault, 20000 + day, "devops", again);
      g_assert_cmpmem (again, 16, hash[day], 16);
      for (guint other = 0; other < day; other++)
        g_assert_cmpint (memcmp (hash[day], hash[other], 16), !=, 0);
    }
}

static void
test_tomorrow_is_today_after_midnight (void)
{
  g_autoptr (SighejVault) vault = new_vault ();
  gint64 before_us = G_GINT64_CONSTANT (1767225599999999); /* the last microsecond of 2025 */
  guint8 tomorrow[16];
  guint8 today[16];

  sighej_vault_hash_interest (vault, sighej_vault_day (before_us) + 1, "jazz", tomorrow);
  sighej_vault_hash_interest (vault, sighej_vault_day (before_us + 1), "jazz", today);
  g_assert_cmpmem (today, 16, tomorrow, 16);
  g_assert_cmpuint (sighej_vault_day (before_us), ==, 20453);
  g_assert_cmpuint (sighej_vault_day (0), ==, 0);
  g_assert_cmpuint (sighej_vault_day (-1), ==, 0);
}

static void
test_keys_differ_by_purpose_and_file (void)
{
  g_autofree char *path = dup_key_path ();
  g_autoptr (SighejVault) vault = new_vault ();
  g_autoptr (SighejVault) other = NULL;
  guint8 hash[16];
  guint8 other_hash[16];

  write_key (path, 33, 0600);
  other = open_vault (path);
  sighej_vault_hash_interest (vault, 1, "jazz", hash);
  sighej_vault_hash_interest (other, 1, "jazz", other_hash);
  g_assert_cmpint (memcmp (hash, other_hash, 16), !=, 0);
  assert_same_nudge (vault, other, FALSE);
}

static void
test_an_opening_has_one_tag_a_key_file (void)
{
  static const guint8 opening_id[SIGHEJ_OPENING_ID_BYTES] = { 1 };
  static const guint8 another[SIGHEJ_OPENING_ID_BYTES] = { 2 };
  g_autoptr (SighejVault) vault = new_vault ();
  g_autofree char *path = dup_key_path ();
  g_autoptr (SighejVault) other = NULL;
  guint8 tag[4][16];

  write_key (path, 33, 0600);
  other = open_vault (path);
  sighej_vault_tag_opening (vault, opening_id, tag[0]);
  sighej_vault_tag_opening (vault, opening_id, tag[1]);
  sighej_vault_tag_opening (vault, another, tag[2]);
  sighej_vault_tag_opening (other, opening_id, tag[3]);
  g_assert_cmpmem (tag[0], 16, tag[1], 16);
  g_assert_cmpint (memcmp (tag[0], opening_id, 16), !=, 0);
  g_assert_cmpint (memcmp (tag[0], tag[2], 16), !=, 0);
  g_assert_cmpint (memcmp (tag[0], tag[3], 16), !=, 0);
}

static void
test_labels_open_for_their_session_only (void)
{
  static const char *const labels[] = { "DevOps", "hård stil", "🎲", NULL };
  g_autoptr (SighejVault) vault = new_vault ();
  g_autoptr (GBytes) sealed = sighej_vault_seal_labels (vault, SESSION_ID, labels);
  g_autofree char **opened = sighej_vault_unseal_labels (vault, SESSION_ID, sealed);
  gsize n_sealed;
  const char *data = g_bytes_get_data (sealed, &n_sealed);

  g_assert_true (g_strv_equal ((const char *const *) opened, labels));
  g_assert_null (memmem (data, n_sealed, "DevOps", 6));
  g_assert_null (sighej_vault_unseal_labels (vault, "another", sealed));
}

/* The vault remembers the last pair, so each is asked for after another one. */
static void
test_a_nudge_has_one_id_for_both_sides (void)
{
  static const guint8 openings[3][16] = { { 1 }, { 2 }, { 3 } };
  g_autoptr (SighejVault) vault = new_vault ();
  char ids[6][33];

  sighej_vault_nudge_id (vault, openings[0], openings[1], ids[0]);
  sighej_vault_nudge_id (vault, openings[1], openings[0], ids[1]);
  sighej_vault_nudge_id (vault, openings[0], openings[2], ids[2]);
  sighej_vault_nudge_id (vault, openings[2], openings[1], ids[3]);
  sighej_vault_nudge_id (vault, openings[1], openings[1], ids[4]);
  sighej_vault_nudge_id (vault, openings[0], openings[1], ids[5]);
  g_assert_cmpstr (ids[0], ==, ids[1]);
  g_assert_cmpstr (ids[0], ==, ids[5]);
  for (guint i = 1; i < 5; i++)
    for (guint k = i + 1; k < 5; k++)
      g_assert_cmpstr (ids[i], !=, ids[k]);
}

static void
test_a_broken_seal_is_refused (void)
{
  static const char *const labels[] = { "chess", NULL };
  g_autoptr (SighejVault) vault = new_vault ();
  g_autoptr (GBytes) sealed = sighej_vault_seal_labels (vault, SESSION_ID, labels);
  gsize n_bytes = g_bytes_get_size (sealed);

  for (gsize i = 0; i < n_bytes; i++)
    {
      guint8 *bytes = g_memdup2 (g_bytes_get_data (sealed, NULL), n_bytes);
      g_autoptr (GBytes) broken = NULL;

      bytes[i] ^= 1;
      broken = g_bytes_new_take (bytes, n_bytes);
      g_assert_null (sighej_vault_unseal_labels (vault, SESSION_ID, broken));
    }
}

static void
test_an_answer_opens_for_its_request_only (void)
{
  static const char text[] = "{\"session_secret\":\"x\"}";
  g_autofree char *path = dup_key_path ();
  g_autoptr (SighejVault) vault = new_vault ();
  g_autoptr (SighejVault) other = NULL;
  g_autoptr (GBytes) answer = g_bytes_new_static (text, strlen (text));
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (GBytes) opened = NULL;
  guint8 tags[4][SIGHEJ_SHA256_BYTES];

  write_key (path, 33, 0600);
  other = open_vault (path);
  sighej_vault_tag_request (vault, "/session", "a", tags[0]);
  sighej_vault_tag_request (vault, "/match", "a", tags[1]);
  sighej_vault_tag_request (vault, "/session", "b", tags[2]);
  sighej_vault_tag_request (other, "/session", "a", tags[3]);
  sealed = sighej_vault_seal_answer (vault, tags[0], answer);
  opened = sighej_vault_unseal_answer (vault, tags[0], sealed);
  g_assert_true (g_bytes_equal (opened, answer));
  for (gsize i = 1; i < G_N_ELEMENTS (tags); i++)
    {
      g_assert_cmpint (memcmp (tags[0], tags[i], sizeof tags[0]), !=, 0);
      g_assert_null (sighej_vault_unseal_answer (vault, tags[i], sealed));
    }
  g_assert_null (sighej_vault_unseal_answer (other, tags[0], sealed));
}

static SighejNudgeTicket
new_ticket (void)
{
  return (SighejNudgeTicket){
    .nudge_id = "00112233445566778899aabbccddeeff",
    .own = { 1 },
    .peer = { 2 },
    .made_ms = G_GINT64_CONSTANT (1767268800123),
  };
}

static void
test_tickets_come_back (void)
{
  g_autoptr (SighejVault) vault = new_vault ();
  SighejNudgeTicket ticket = new_ticket (), again;
  g_autofree char *text = sighej_vault_seal_ticket (vault, &ticket);
  g_autofree char *other = sighej_vault_seal_ticket (vault, &ticket);

  g_assert_cmpstr (text, !=, other);
  g_assert_cmpuint (strlen (text), <=, SIGHEJ_WIRE_TICKET_CHARS_MAX);
  g_assert_true (sighej_vault_unseal_ticket (vault, text, &again));
  g_assert_cmpstr (again.nudge_id, ==, ticket.nudge_id);
  g_assert_cmpmem (again.own, 16, ticket.own, 16);
  g_assert_cmpmem (again.peer, 16, ticket.peer, 16);
  g_assert_cmpint (again.made_ms, ==, ticket.made_ms);
}

static void
test_tickets_cannot_be_made_up (void)
{
  static const char *const none[] = { "", "t", "not base64!", "AAAA" };
  g_autoptr (SighejVault) vault = new_vault ();
  SighejNudgeTicket ticket = new_ticket (), out;
  g_autofree char *text = sighej_vault_seal_ticket (vault, &ticket);

  for (gsize i = 0; i < G_N_ELEMENTS (none); i++)
    g_assert_false (sighej_vault_unseal_ticket (vault, none[i], &out));
  for (gsize i = 0; text[i] != '\0'; i++)
    {
      g_autofree char *changed = g_strdup (text);

      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      g_assert_false (sighej_vault_unseal_ticket (vault, changed, &out));
    }
}

static void
test_records_open_under_their_key_only (void)
{
  g_autoptr (SighejVault) vault = new_vault ();
  g_autoptr (GBytes) plain = g_bytes_new_static ("what\0ever", 9);
  g_autoptr (GBytes) sealed = sighej_vault_seal_record (vault, "meet:1", plain);
  g_autoptr (GBytes) again = sighej_vault_unseal_record (vault, "meet:1", sealed);

  g_assert_nonnull (again);
  g_assert_true (g_bytes_equal (again, plain));
  g_assert_null (sighej_vault_unseal_record (vault, "meet:2", sealed));
  g_assert_null (sighej_vault_unseal_record (vault, "meet:1", plain));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vault/creates-a-private-key-once", test_creates_a_private_key_once);
  g_test_add_func ("/vault/leaves-no-draft-behind", test_leaves_no_draft_behind);
  g_test_add_func ("/vault/refuses-a-key-file-that-is-not-right",
                   test_refuses_a_key_file_that_is_not_right);
  g_test_add_func ("/vault/takes-a-systemd-credential", test_takes_a_systemd_credential);
  g_test_add_func ("/vault/each-day-has-a-key-of-its-own", test_each_day_has_a_key_of_its_own);
  g_test_add_func ("/vault/tomorrow-is-today-after-midnight",
                   test_tomorrow_is_today_after_midnight);
  g_test_add_func ("/vault/keys-differ-by-purpose-and-file", test_keys_differ_by_purpose_and_file);
  g_test_add_func ("/vault/an-opening-has-one-tag-a-key-file",
                   test_an_opening_has_one_tag_a_key_file);
  g_test_add_func ("/vault/labels-open-for-their-session-only",
                   test_labels_open_for_their_session_only);
  g_test_add_func ("/vault/an-answer-opens-for-its-request-only",
                   test_an_answer_opens_for_its_request_only);
  g_test_add_func ("/vault/a-nudge-has-one-id-for-both-sides",
                   test_a_nudge_has_one_id_for_both_sides);
  g_test_add_func ("/vault/a-broken-seal-is-refused", test_a_broken_seal_is_refused);
  g_test_add_func ("/vault/tickets-come-back", test_tickets_come_back);
  g_test_add_func ("/vault/tickets-cannot-be-made-up", test_tickets_cannot_be_made_up);
  g_test_add_func ("/vault/records-open-under-their-key-only",
                   test_records_open_under_their_key_only);
  return g_test_run ();
}
