/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-person.h"

G_BEGIN_DECLS

/* Form of the document; members are only added to one. */
#define SIGHEJ_OWN_DATA_SCHEMA 1
/* Text of messages in one document; of more, those of the newest meets are left out. */
#define SIGHEJ_OWN_DATA_MESSAGES_BYTES_MAX (16 * 1024 * 1024)

/**
 * SighejOwnData:
 * @settings: a{sv}: what a person may choose, by the names of the API
 * @opening: a{sv}: what is so just now, the same
 * @backend: (nullable): what the backend says it holds about the session, JSON
 * @problem: (nullable): why it did not say
 *
 * All that is held about the person at this machine, to be written down for her
 * (Manager1.Export). Neither a token nor a key or secret is anywhere in it.
 */
typedef struct
{
  SighejPerson *person;
  GVariant *settings;
  GVariant *opening;
  GBytes *backend;
  const GError *problem;
} SighejOwnData;

/* Returns: (transfer full): JSON, one object and a line break; wiped when freed */
GBytes *sighej_own_data_write (const SighejOwnData *self);

G_END_DECLS
