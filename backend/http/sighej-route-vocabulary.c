/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-route-vocabulary"

#include "config.h"

#include "sighej-routes.h"

void
sighej_route_vocabulary (SighejExchange *exchange, SighejParts *parts)
{
  sighej_exchange_answer_tagged (exchange,
                                 "application/json",
                                 sighej_vocabulary_get_json (parts->vocabulary),
                                 sighej_vocabulary_get_version (parts->vocabulary));
}
