/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-case-seal"

#include "config.h"

#include "sighej-case-seal.h"

#include <string.h>

#include "sighej-enum-types.h"

/* What stands for the ticket, which is not kept, so that the one reader of reports reads it. */
#define NO_TICKET "0"
/* Stands for the path where requests are told apart by their keys; the caller follows. */
#define CASE_ROUTE "case "

void
sighej_case_seal_tag (SighejVault *vault,
                      const guint8 opening[SIGHEJ_OPENING_ID_BYTES],
                      char out[SIGHEJ_CASES_TAG_CHARS + 1])
{
  guint8 tag[SIGHEJ_OPENING_ID_BYTES];

  sighej_vault_tag_person (vault, opening, tag);
  sighej_hex_encode (tag, sizeof tag, out);
}

void
sighej_case_seal_request (SighejVault *vault,
                          const guint8 opening[SIGHEJ_OPENING_ID_BYTES],
                          const char *key,
                          char out[SIGHEJ_CASES_TAG_CHARS + 1])
{
  char route[sizeof CASE_ROUTE + 2 * SIGHEJ_OPENING_ID_BYTES] = CASE_ROUTE;
  guint8 tag[SIGHEJ_SHA256_BYTES];

  sighej_hex_encode (opening, SIGHEJ_OPENING_ID_BYTES, route + strlen (CASE_ROUTE));
  if (key != NULL)
    sighej_vault_tag_request (vault, route, key, tag);
  else
    sighej_random_bytes (tag, sizeof tag);
  sighej_hex_encode (tag, SIGHEJ_CASES_TAG_CHARS / 2, out);
}

/* ---- reports ---- */

static char *
label_report (const char *reporter, const char *reported, const char *reason)
{
  return g_strdup_printf ("report/%s/%s/%s", reporter, reported, reason);
}

static char *
label_opening (const char *reported)
{
  return g_strconcat ("opening/", reported, NULL);
}

static char *
seal_words (SighejVault *vault, const char *label, const SighejWireReport *report)
{
  const SighejWireReport words
      = { (char *) NO_TICKET, report->reason, report->text, report->attached };
  char *text = sighej_wire_report_write (&words);
  char *sealed = sighej_vault_seal_case (vault, label, (const guint8 *) text, strlen (text));

  sighej_wipe_free_string (text);
  return sealed;
}

void
sighej_case_seal_report (SighejVault *vault,
                         const guint8 reporter[SIGHEJ_OPENING_ID_BYTES],
                         const guint8 reported[SIGHEJ_OPENING_ID_BYTES],
                         const SighejWireReport *report,
                         SighejCaseReport *out)
{
  g_autofree char *label = NULL;
  g_autofree char *label_of_opening = NULL;

  sighej_case_seal_tag (vault, reporter, out->reporter);
  sighej_case_seal_tag (vault, reported, out->reported);
  out->reason = sighej_enum_to_nick (SIGHEJ_TYPE_REPORT_REASON, (int) report->reason);
  label = label_report (out->reporter, out->reported, out->reason);
  label_of_opening = label_opening (out->reported);
  out->content = seal_words (vault, label, report);
  out->opening
      = sighej_vault_seal_case (vault, label_of_opening, reported, SIGHEJ_OPENING_ID_BYTES);
}

SighejWireReport *
sighej_case_unseal_report (SighejVault *vault, const SighejCase *report)
{
  g_autofree char *label = label_report (report->reporter, report->reported, report->reason);
  g_autoptr (GBytes) opened = sighej_vault_unseal_case (vault, label, report->content);
  gsize n_bytes;
  const char *data;

  if (opened == NULL)
    return NULL;
  data = g_bytes_get_data (opened, &n_bytes);
  return sighej_wire_report_read (data, n_bytes, NULL);
}

gboolean
sighej_case_unseal_opening (SighejVault *vault,
                            const char *reported,
                            const char *sealed,
                            guint8 out[SIGHEJ_OPENING_ID_BYTES])
{
  g_autofree char *label = label_opening (reported);
  g_autoptr (GBytes) opened = sighej_vault_unseal_case (vault, label, sealed);

  if (opened == NULL || g_bytes_get_size (opened) != SIGHEJ_OPENING_ID_BYTES)
    return FALSE;
  memcpy (out, g_bytes_get_data (opened, NULL), SIGHEJ_OPENING_ID_BYTES);
  return TRUE;
}

/* ---- texts ---- */

static char *
label_text (SighejCaseText kind, const char *reported)
{
  return g_strconcat (kind == SIGHEJ_CASE_APPEAL ? "appeal/" : "note/", reported, NULL);
}

char *
sighej_case_seal_text (SighejVault *vault,
                       SighejCaseText kind,
                       const char *reported,
                       const char *text)
{
  g_autofree char *label = label_text (kind, reported);

  return sighej_vault_seal_case (vault, label, (const guint8 *) text, strlen (text));
}

char *
sighej_case_unseal_text (SighejVault *vault,
                         SighejCaseText kind,
                         const char *reported,
                         const char *sealed)
{
  g_autofree char *label = label_text (kind, reported);
  g_autoptr (GBytes) opened = sighej_vault_unseal_case (vault, label, sealed);
  gsize n_bytes;
  const char *data;

  if (opened == NULL)
    return NULL;
  data = g_bytes_get_data (opened, &n_bytes);
  return g_strndup (data, n_bytes);
}
