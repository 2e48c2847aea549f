/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-vault"

#include "config.h"

#include "sighej-vault.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sighej-error.h"

#define KEY_FILE_BYTES_MIN 32
#define KEY_FILE_BYTES_MAX 4096
#define DAY_US (G_GINT64_CONSTANT (86400) * G_USEC_PER_SEC)
#define TICKET_BYTES (3 * 16 + 8)
#define LABELS_MAX 20
#define CASE_BYTES_MAX (256 * 1024) /* far above a body of a report */
#define LABEL_BYTES_MAX (40 * 4 + 1)

/* systemd gives credentials an ACL, whose mask shows as a readable group; all else is too much. */
#define FORBIDDEN_MODE (S_IRWXO | S_IWGRP | S_IXGRP)

typedef struct
{
  gboolean filled;
  guint32 day;
  guint8 key[SIGHEJ_KEY_BYTES];
} DayKey;

struct _SighejVault
{
  GObject parent_instance;

  guint8 interest_key[SIGHEJ_KEY_BYTES]; /* the days' keys come from this one */
  SighejSealer *labels;
  guint8 opening_key[SIGHEJ_KEY_BYTES];
  SighejMac *nudges;
  guint8 last_openings[2][SIGHEJ_OPENING_ID_BYTES]; /* of the pair whose nudge was named last */
  char last_nudge_id[2 * SIGHEJ_OPENING_ID_BYTES + 1];
  guint8 tombstone_key[SIGHEJ_KEY_BYTES];
  guint8 request_key[SIGHEJ_KEY_BYTES];
  SighejSealer *answers;
  SighejSealer *tickets;
  SighejSealer *records;
  SighejSealer *cases;
  guint8 person_key[SIGHEJ_KEY_BYTES];
  guint8 audit_key[SIGHEJ_KEY_BYTES];
  DayKey days[2]; /* even and odd days, so today and tomorrow never push each other out */
};

G_DEFINE_FINAL_TYPE (SighejVault, sighej_vault, G_TYPE_OBJECT)

static void
sighej_vault_init (SighejVault *self)
{
}

static void
sighej_vault_finalize (GObject *object)
{
  SighejVault *self = SIGHEJ_VAULT (object);

  sighej_wipe (self->interest_key, sizeof self->interest_key);
  g_clear_pointer (&self->labels, sighej_sealer_free);
  sighej_wipe (self->opening_key, sizeof self->opening_key);
  g_clear_pointer (&self->nudges, sighej_mac_free);
  sighej_wipe (self->tombstone_key, sizeof self->tombstone_key);
  sighej_wipe (self->request_key, sizeof self->request_key);
  g_clear_pointer (&self->answers, sighej_sealer_free);
  g_clear_pointer (&self->tickets, sighej_sealer_free);
  g_clear_pointer (&self->records, sighej_sealer_free);
  g_clear_pointer (&self->cases, sighej_sealer_free);
  sighej_wipe (self->person_key, sizeof self->person_key);
  sighej_wipe (self->audit_key, sizeof self->audit_key);
  sighej_wipe (self->days, sizeof self->days);

  G_OBJECT_CLASS (sighej_vault_parent_class)->finalize (object);
}

static void
sighej_vault_class_init (SighejVaultClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_vault_finalize;
}

static gboolean
fail (GError **error, const char *what, const char *path)
{
  g_set_error (
      error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG, "%s \"%s\": %s", what, path, g_strerror (errno));
  return FALSE;
}

/* Everything is on the disk before the name is, so nobody ever reads half a key. */
static gboolean
write_key (int descriptor, GError **error, const char *path)
{
  guint8 key[KEY_FILE_BYTES_MIN];
  gssize n_written;

  sighej_random_bytes (key, sizeof key);
  n_written = write (descriptor, key, sizeof key);
  sighej_wipe (key, sizeof key);
  if (n_written != sizeof key || fsync (descriptor) != 0)
    return fail (error, "cannot write the key file", path);
  return TRUE;
}

static gboolean
create_key_file (const char *path, GError **error)
{
  g_autofree char *draft = g_strdup_printf ("%s.XXXXXX", path);
  int descriptor = g_mkstemp_full (draft, O_RDWR | O_CLOEXEC, 0600);
  gboolean done;

  if (descriptor < 0)
    return fail (error, "cannot create the key file", path);

  done = write_key (descriptor, error, path);
  close (descriptor);
  if (done && link (draft, path) != 0 && errno != EEXIST)
    done = fail (error, "cannot create the key file", path);
  g_unlink (draft);
  return done;
}

static gboolean
check_key_file (int descriptor, const char *path, GError **error)
{
  struct stat status;

  if (fstat (descriptor, &status) != 0)
    return fail (error, "cannot read the key file", path);
  if (!S_ISREG (status.st_mode))
    g_set_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG, "key file \"%s\": not a file", path);
  else if ((status.st_mode & FORBIDDEN_MODE) != 0)
    g_set_error (error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_CONFIG,
                 "key file \"%s\": others may read it, make it private with chmod 600",
                 path);
  else if (status.st_size < KEY_FILE_BYTES_MIN || status.st_size > KEY_FILE_BYTES_MAX)
    g_set_error (error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_CONFIG,
                 "key file \"%s\": it must hold %d to %d bytes",
                 path,
                 KEY_FILE_BYTES_MIN,
                 KEY_FILE_BYTES_MAX);
  else
    return TRUE;
  return FALSE;
}

static SighejSealer *
new_sealer (const guint8 *material, gsize n_bytes, const char *info)
{
  guint8 key[SIGHEJ_KEY_BYTES];
  SighejSealer *sealer;

  sighej_hkdf_sha256 (material, n_bytes, info, key, sizeof key);
  sealer = sighej_sealer_new (key);
  sighej_wipe (key, sizeof key);
  return sealer;
}

static SighejMac *
new_mac (const guint8 *material, gsize n_bytes, const char *info)
{
  guint8 key[SIGHEJ_KEY_BYTES];
  SighejMac *mac;

  sighej_hkdf_sha256 (material, n_bytes, info, key, sizeof key);
  mac = sighej_mac_new (key, sizeof key);
  sighej_wipe (key, sizeof key);
  return mac;
}

static SighejVault *
new_from_material (const guint8 *material, gsize n_bytes)
{
  SighejVault *self = g_object_new (SIGHEJ_TYPE_VAULT, NULL);

  sighej_hkdf_sha256 (
      material, n_bytes, "SigHej/1 interests", self->interest_key, sizeof self->interest_key);
  self->labels = new_sealer (material, n_bytes, "SigHej/1 labels");
  sighej_hkdf_sha256 (
      material, n_bytes, "SigHej/1 openings", self->opening_key, sizeof self->opening_key);
  self->nudges = new_mac (material, n_bytes, "SigHej/1 nudges");
  sighej_hkdf_sha256 (
      material, n_bytes, "SigHej/1 tombstones", self->tombstone_key, sizeof self->tombstone_key);
  sighej_hkdf_sha256 (
      material, n_bytes, "SigHej/1 requests", self->request_key, sizeof self->request_key);
  self->answers = new_sealer (material, n_bytes, "SigHej/1 answers");
  self->tickets = new_sealer (material, n_bytes, "SigHej/1 tickets");
  self->records = new_sealer (material, n_bytes, "SigHej/1 records");
  self->cases = new_sealer (material, n_bytes, "SigHej/1 cases");
  sighej_hkdf_sha256 (
      material, n_bytes, "SigHej/1 persons", self->person_key, sizeof self->person_key);
  sighej_hkdf_sha256 (material, n_bytes, "SigHej/1 audit", self->audit_key, sizeof self->audit_key);
  return self;
}

static SighejVault *
read_key_file (int descriptor, const char *path, GError **error)
{
  guint8 material[KEY_FILE_BYTES_MAX];
  SighejVault *self = NULL;
  gssize n_bytes;

  if (!check_key_file (descriptor, path, error))
    return NULL;

  n_bytes = read (descriptor, material, sizeof material);
  if (n_bytes < KEY_FILE_BYTES_MIN)
    fail (error, "cannot read the key file", path);
  else
    self = new_from_material (material, (gsize) n_bytes);
  sighej_wipe (material, sizeof material);
  return self;
}

SighejVault *
sighej_vault_new_from_file (const char *path, gboolean create, GError **error)
{
  int descriptor = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  SighejVault *self;

  if (descriptor < 0 && errno == ENOENT && create)
    {
      if (!create_key_file (path, error))
        return NULL;
      descriptor = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    }
  if (descriptor < 0)
    {
      fail (error, "cannot open the key file", path);
      return NULL;
    }

  self = read_key_file (descriptor, path, error);
  close (descriptor);
  return self;
}

guint32
sighej_vault_day (gint64 wall_us)
{
  return (guint32) (MAX (wall_us, 0) / DAY_US);
}

static const guint8 *
get_day_key (SighejVault *self, guint32 day)
{
  DayKey *slot = &self->days[day % G_N_ELEMENTS (self->days)];

  if (!slot->filled || slot->day != day)
    {
      char info[sizeof "SigHej/1 day 4294967295"];

      g_snprintf (info, sizeof info, "SigHej/1 day %" G_GUINT32_FORMAT, day);
      sighej_hkdf_sha256 (
          self->interest_key, sizeof self->interest_key, info, slot->key, sizeof slot->key);
      slot->day = day;
      slot->filled = TRUE;
    }
  return slot->key;
}

void
sighej_vault_hash_interest (SighejVault *self, guint32 day, const char *canonical, guint8 out[16])
{
  guint8 mac[SIGHEJ_SHA256_BYTES];

  sighej_hmac_sha256 (get_day_key (self, day),
                      SIGHEJ_KEY_BYTES,
                      (const guint8 *) canonical,
                      strlen (canonical),
                      mac);
  memcpy (out, mac, 16);
}

GBytes *
sighej_vault_seal_labels (SighejVault *self, const char *session_id, const char *const *labels)
{
  /* Large enough from the start, so that growing leaves no copy behind. */
  GByteArray *plain = g_byte_array_sized_new (LABELS_MAX * LABEL_BYTES_MAX);
  GBytes *sealed;

  for (guint i = 0; labels[i] != NULL && i < LABELS_MAX; i++)
    g_byte_array_append (plain, (const guint8 *) labels[i], (guint) strlen (labels[i]) + 1);
  sealed = sighej_seal (
      self->labels, plain->data, plain->len, (const guint8 *) session_id, strlen (session_id));
  sighej_wipe (plain->data, plain->len);
  g_byte_array_unref (plain);
  return sealed;
}

/* @plain: strings, each with its NUL. Returns: a list with its strings behind it in one block */
static char **
split_labels (const char *plain, gsize n_bytes)
{
  guint n_labels = 0, n = 0;
  char **labels;
  char *text;

  for (gsize i = 0; i < n_bytes; i++)
    n_labels += plain[i] == '\0';
  labels = g_malloc ((n_labels + 1) * sizeof *labels + n_bytes);
  text = (char *) (labels + n_labels + 1);
  memcpy (text, plain, n_bytes);
  for (; n < n_labels; text += strlen (text) + 1)
    labels[n++] = text;
  labels[n] = NULL;
  return labels;
}

char **
sighej_vault_unseal_labels (SighejVault *self, const char *session_id, GBytes *sealed)
{
  gsize n_sealed;
  const guint8 *data = g_bytes_get_data (sealed, &n_sealed);
  GBytes *opened = sighej_unseal (
      self->labels, data, n_sealed, (const guint8 *) session_id, strlen (session_id));
  gsize n_plain;
  char *plain;
  char **labels;

  if (opened == NULL)
    return NULL;

  plain = g_bytes_unref_to_data (opened, &n_plain);
  labels = split_labels (plain, n_plain);
  sighej_wipe (plain, n_plain);
  g_free (plain);
  return labels;
}

void
sighej_vault_tag_opening (SighejVault *self,
                          const guint8 opening_id[SIGHEJ_OPENING_ID_BYTES],
                          guint8 out[16])
{
  guint8 mac[SIGHEJ_SHA256_BYTES];

  sighej_hmac_sha256 (
      self->opening_key, sizeof self->opening_key, opening_id, SIGHEJ_OPENING_ID_BYTES, mac);
  memcpy (out, mac, 16);
}

void
sighej_vault_tag_request (SighejVault *self,
                          const char *route,
                          const char *key,
                          guint8 out[SIGHEJ_SHA256_BYTES])
{
  g_autofree char *text = g_strconcat (route, " ", key, NULL);

  sighej_hmac_sha256 (
      self->request_key, sizeof self->request_key, (const guint8 *) text, strlen (text), out);
}

GBytes *
sighej_vault_seal_answer (SighejVault *self, const guint8 tag[SIGHEJ_SHA256_BYTES], GBytes *answer)
{
  gsize n_answer;
  const guint8 *data = g_bytes_get_data (answer, &n_answer);

  return sighej_seal (self->answers, data, n_answer, tag, SIGHEJ_SHA256_BYTES);
}

GBytes *
sighej_vault_unseal_answer (SighejVault *self,
                            const guint8 tag[SIGHEJ_SHA256_BYTES],
                            GBytes *sealed)
{
  gsize n_sealed;
  const guint8 *data = g_bytes_get_data (sealed, &n_sealed);

  GBytes *opened = sighej_unseal (self->answers, data, n_sealed, tag, SIGHEJ_SHA256_BYTES);
  gsize n_plain;
  char *plain, *text;

  if (opened == NULL)
    return NULL;

  /* As text, which can be wiped when it has been sent. */
  plain = g_bytes_unref_to_data (opened, &n_plain);
  text = g_strndup (plain, n_plain);
  sighej_wipe (plain, n_plain);
  g_free (plain);
  return g_bytes_new_with_free_func (
      text, strlen (text), (GDestroyNotify) sighej_wipe_free_string, text);
}

/* Both sides are told one after the other, and by the same id. */
static gboolean
is_last_pair (SighejVault *self, const guint8 *opening_a, const guint8 *opening_b)
{
  guint a_at = memcmp (self->last_openings[0], opening_a, SIGHEJ_OPENING_ID_BYTES) != 0;

  return self->last_nudge_id[0] != '\0'
         && memcmp (self->last_openings[a_at], opening_a, SIGHEJ_OPENING_ID_BYTES) == 0
         && memcmp (self->last_openings[1 - a_at], opening_b, SIGHEJ_OPENING_ID_BYTES) == 0;
}

void
sighej_vault_nudge_id (SighejVault *self,
                       const guint8 opening_a[16],
                       const guint8 opening_b[16],
                       char out[33])
{
  if (!is_last_pair (self, opening_a, opening_b))
    {
      memcpy (self->last_openings[0], opening_a, SIGHEJ_OPENING_ID_BYTES);
      memcpy (self->last_openings[1], opening_b, SIGHEJ_OPENING_ID_BYTES);
      sighej_nudge_id (self->nudges, opening_a, opening_b, self->last_nudge_id);
    }
  memcpy (out, self->last_nudge_id, sizeof self->last_nudge_id);
}

char *
sighej_vault_seal_ticket (SighejVault *self, const SighejNudgeTicket *ticket)
{
  guint8 plain[TICKET_BYTES];
  guint64 made_ms = GUINT64_TO_BE ((guint64) ticket->made_ms);
  g_autoptr (GBytes) sealed = NULL;
  gsize n_sealed;
  const guint8 *data;

  if (!sighej_hex_decode (ticket->nudge_id, plain, 16))
    g_return_val_if_reached (NULL);
  memcpy (plain + 16, ticket->own, 16);
  memcpy (plain + 32, ticket->peer, 16);
  memcpy (plain + 48, &made_ms, sizeof made_ms);
  sealed = sighej_seal (self->tickets, plain, sizeof plain, NULL, 0);
  data = g_bytes_get_data (sealed, &n_sealed);
  return sighej_base64url_encode (data, n_sealed);
}

gboolean
sighej_vault_unseal_ticket (SighejVault *self, const char *text, SighejNudgeTicket *out)
{
  g_autoptr (GBytes) sealed
      = sighej_base64url_decode (text, TICKET_BYTES + SIGHEJ_SEAL_OVERHEAD_BYTES);
  g_autoptr (GBytes) opened = NULL;
  const guint8 *plain, *data;
  gsize n_plain, n_sealed;
  guint64 made_ms;

  if (sealed == NULL)
    return FALSE;
  data = g_bytes_get_data (sealed, &n_sealed);
  opened = sighej_unseal (self->tickets, data, n_sealed, NULL, 0);
  if (opened == NULL || g_bytes_get_size (opened) != TICKET_BYTES)
    return FALSE;

  plain = g_bytes_get_data (opened, &n_plain);
  sighej_hex_encode (plain, 16, out->nudge_id);
  memcpy (out->own, plain + 16, 16);
  memcpy (out->peer, plain + 32, 16);
  memcpy (&made_ms, plain + 48, sizeof made_ms);
  out->made_ms = (gint64) GUINT64_FROM_BE (made_ms);
  return TRUE;
}

GBytes *
sighej_vault_seal_record (SighejVault *self, const char *key, GBytes *plain)
{
  gsize n_plain;
  const guint8 *data = g_bytes_get_data (plain, &n_plain);

  return sighej_seal (self->records, data, n_plain, (const guint8 *) key, strlen (key));
}

typedef struct
{
  gsize n_bytes;
  guint8 *data;
} Secret;

static void
secret_free (Secret *secret)
{
  sighej_wipe (secret->data, secret->n_bytes);
  g_free (secret->data);
  g_free (secret);
}

/* @opened: (transfer full) (nullable) */
static GBytes *
wipe_later (GBytes *opened)
{
  Secret *secret;

  if (opened == NULL)
    return NULL;

  secret = g_new (Secret, 1);
  secret->data = g_bytes_unref_to_data (opened, &secret->n_bytes);
  return g_bytes_new_with_free_func (
      secret->data, secret->n_bytes, (GDestroyNotify) secret_free, secret);
}

GBytes *
sighej_vault_unseal_record (SighejVault *self, const char *key, GBytes *sealed)
{
  gsize n_sealed;
  const guint8 *data = g_bytes_get_data (sealed, &n_sealed);

  return wipe_later (
      sighej_unseal (self->records, data, n_sealed, (const guint8 *) key, strlen (key)));
}

void
sighej_vault_tag_person (SighejVault *self, const guint8 opening[16], guint8 out[16])
{
  guint8 mac[SIGHEJ_SHA256_BYTES];

  sighej_hmac_sha256 (self->person_key, sizeof self->person_key, opening, 16, mac);
  memcpy (out, mac, 16);
}

char *
sighej_vault_seal_case (SighejVault *self, const char *label, const guint8 *plain, gsize n_plain)
{
  g_autoptr (GBytes) sealed
      = sighej_seal (self->cases, plain, n_plain, (const guint8 *) label, strlen (label));
  gsize n_sealed;
  const guint8 *data = g_bytes_get_data (sealed, &n_sealed);

  return sighej_base64url_encode (data, n_sealed);
}

GBytes *
sighej_vault_unseal_case (SighejVault *self, const char *label, const char *text)
{
  g_autoptr (GBytes) sealed = sighej_base64url_decode (text, CASE_BYTES_MAX);
  gsize n_sealed;
  const guint8 *data;

  if (sealed == NULL)
    return NULL;
  data = g_bytes_get_data (sealed, &n_sealed);
  return wipe_later (
      sighej_unseal (self->cases, data, n_sealed, (const guint8 *) label, strlen (label)));
}

const guint8 *
sighej_vault_get_audit_key (SighejVault *self)
{
  return self->audit_key;
}

const guint8 *
sighej_vault_get_tombstone_key (SighejVault *self)
{
  return self->tombstone_key;
}
