/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-error.h"

G_BEGIN_DECLS

/**
 * SighejPages:
 *
 * The two texts a person may want to read before they open: what is done with their data, and
 * the terms (DESIGN 3, "Notice"). The operator's own files go before the built-in texts, which
 * are in English and Danish.
 */
typedef struct _SighejPages SighejPages;

typedef enum
{
  SIGHEJ_PAGE_PRIVACY,
  SIGHEJ_PAGE_TERMS,
} SighejPage;

#define SIGHEJ_PAGE_BYTES_MAX (256 * 1024)

/**
 * sighej_pages_new:
 * @privacy_file: HTML, UTF-8; "" for the built-in text
 * @terms_file: likewise
 * @minimum_age: years, named in the built-in texts
 *
 * Errors: SIGHEJ_ERROR_CONFIG (unreadable, too large, not UTF-8).
 */
SighejPages *sighej_pages_new (const char *privacy_file,
                               const char *terms_file,
                               guint minimum_age,
                               GError **error);
void sighej_pages_free (SighejPages *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejPages, sighej_pages_free)

/**
 * sighej_pages_get:
 * @accept_language: (nullable): the header
 * @language: (out) (nullable): "en" or "da"; NULL for the operator's own file
 *
 * Returns: (transfer none): a whole HTML document
 */
GBytes *sighej_pages_get (SighejPages *self,
                          SighejPage page,
                          const char *accept_language,
                          const char **language);

/* "en" or "da", whichever the header wants more; English when it cares for neither. */
const char *sighej_pages_choose_language (const char *accept_language);

G_END_DECLS
