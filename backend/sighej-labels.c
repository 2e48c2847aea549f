/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-labels"

#include "config.h"

#include "sighej-labels.h"

#include "sighej-error.h"
#include "sighej-interest-set.h"

GStrv
sighej_labels_unseal (SighejVault *vault, const SighejStoreInfo *info, GError **error)
{
  GStrv labels = sighej_vault_unseal_labels (vault, info->id, info->sealed_labels);

  if (labels == NULL || g_strv_length (labels) != info->n_interests)
    {
      g_clear_pointer (&labels, sighej_interest_set_wipe_words);
      g_set_error_literal (error,
                           SIGHEJ_ERROR,
                           SIGHEJ_ERROR_UNAVAILABLE,
                           "the session was sealed with another key file");
    }
  return labels;
}

const char **
sighej_labels_pick (GStrv labels, guint32 mask)
{
  const char **picked = g_new0 (const char *, SIGHEJ_WIRE_SHARED_MAX + 1);
  guint n_picked = 0;

  for (guint i = 0; labels[i] != NULL && n_picked < SIGHEJ_WIRE_SHARED_MAX; i++)
    if ((mask >> i & 1) != 0)
      picked[n_picked++] = labels[i];
  return picked;
}
