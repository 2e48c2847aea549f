/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The metrics as text for Prometheus and its kin. Pure reading of memory: it waits for neither
 * store nor ledger.
 */

/**
 * SighejExpositionForm:
 * @SIGHEJ_EXPOSITION_OPENMETRICS: OpenMetrics 1.0, with units, ended by `# EOF`
 * @SIGHEJ_EXPOSITION_PROMETHEUS: the older text form, version 0.0.4
 */
typedef enum
{
  SIGHEJ_EXPOSITION_OPENMETRICS,
  SIGHEJ_EXPOSITION_PROMETHEUS,
} SighejExpositionForm;

/* @accept: (nullable): the header of that name. OpenMetrics for who asks for it. */
SighejExpositionForm sighej_exposition_choose (const char *accept);

const char *sighej_exposition_get_content_type (SighejExpositionForm form);

/* Everything in the table, also what is 0. (transfer full) */
char *sighej_exposition_write (SighejExpositionForm form);

G_END_DECLS
