/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-cases.h"
#include "sighej-vault.h"
#include "sighej-wire-report.h"

G_BEGIN_DECLS

/*
 * What of a report only the holder of the key file can read, and under what it is sealed: each
 * seal is bound to whom it is about, so that nobody can put the words of one case into another.
 */

/* The tag the reports know an opening by, hex. */
void sighej_case_seal_tag (SighejVault *vault,
                           const guint8 opening[SIGHEJ_OPENING_ID_BYTES],
                           char out[SIGHEJ_CASES_TAG_CHARS + 1]);

/* What the reports know a request of @opening by, hex. @key: (nullable): its Idempotency-Key; NULL:
 * it is like no other */
void sighej_case_seal_request (SighejVault *vault,
                               const guint8 opening[SIGHEJ_OPENING_ID_BYTES],
                               const char *key,
                               char out[SIGHEJ_CASES_TAG_CHARS + 1]);

/* @out: sighej_case_report_clear() it; its reason lives as long as the program */
void sighej_case_seal_report (SighejVault *vault,
                              const guint8 reporter[SIGHEJ_OPENING_ID_BYTES],
                              const guint8 reported[SIGHEJ_OPENING_ID_BYTES],
                              const SighejWireReport *report,
                              SighejCaseReport *out);
/* (nullable): the text and what was attached, in a SighejWireReport without a ticket; NULL: the
 * seal is broken, or of another key file. */
SighejWireReport *sighej_case_unseal_report (SighejVault *vault, const SighejCase *report);

/* FALSE: the seal is broken. */
gboolean sighej_case_unseal_opening (SighejVault *vault,
                                     const char *reported,
                                     const char *sealed,
                                     guint8 out[SIGHEJ_OPENING_ID_BYTES]);

/* Texts about @reported. (transfer full); what is unsealed is wiped by
 * sighej_wipe_free_string(), NULL: the seal is broken */
typedef enum
{
  SIGHEJ_CASE_APPEAL,
  SIGHEJ_CASE_NOTE,
} SighejCaseText;
char *sighej_case_seal_text (SighejVault *vault,
                             SighejCaseText kind,
                             const char *reported,
                             const char *text);
char *sighej_case_unseal_text (SighejVault *vault,
                               SighejCaseText kind,
                               const char *reported,
                               const char *sealed);

G_END_DECLS
