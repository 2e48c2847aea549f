/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-store.h"
#include "sighej-vault.h"

G_BEGIN_DECLS

/*
 * Read a record, decide, swap it; when somebody else was faster, again. The store sees the value
 * sealed. Whatever is decided about a record is decided in one such step, so it holds for all
 * processes.
 */

#define SIGHEJ_AMEND_TRIES_MAX 8

/**
 * SighejAmendment:
 * @plain: (nullable): the record's value; NULL: there is none
 * @plain_fleeting: each (nullable): its fleeting parts that are there still
 * @now_ms: the store's clock, since 1970
 * @value: (out) (transfer full) (nullable): what to write; NULL deletes
 * @lifetime_ms: (out): of what is written, from now on
 * @fleeting: (out): its fleeting parts, the values (transfer full): none, unless they are set
 * @wake: (out): sessions that are to look at it; NULL-terminated; must outlive the amendment
 */
typedef struct
{
  GBytes *plain;
  GBytes *plain_fleeting[SIGHEJ_STORE_FLEETING_PARTS];
  gint64 now_ms;
  GBytes *value;
  guint lifetime_ms;
  SighejStoreFleeting fleeting[SIGHEJ_STORE_FLEETING_PARTS];
  const char *wake[SIGHEJ_STORE_WAKE_MAX + 1];
} SighejAmendment;

typedef enum
{
  SIGHEJ_AMEND_KEEP,
  SIGHEJ_AMEND_WRITE,
  SIGHEJ_AMEND_FAIL, /* with the error set */
} SighejAmendVerdict;

/* Called once a try; what an earlier try decided is void then. */
typedef SighejAmendVerdict (*SighejAmendStep) (SighejAmendment *amendment,
                                               gpointer user_data,
                                               GError **error);

/**
 * sighej_amend:
 * @key: of the record
 * @done: called once, possibly before this returns; without an error the last verdict holds
 *
 * Errors: those of @step, and UNAVAILABLE: the store does not answer, was faster
 * %SIGHEJ_AMEND_TRIES_MAX times, or the record was sealed with another key file. After an answer
 * that was lost what was decided may hold nevertheless.
 */
void sighej_amend (SighejStore *store,
                   SighejVault *vault,
                   const char *key,
                   SighejAmendStep step,
                   SighejStoreDone done,
                   gpointer user_data);

G_END_DECLS
