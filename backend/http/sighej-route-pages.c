/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-route-pages"

#include "config.h"

#include "sighej-routes.h"

static void
answer_page (SighejExchange *exchange, SighejParts *parts, SighejPage page)
{
  const char *language;
  GBytes *body = sighej_pages_get (
      parts->pages, page, sighej_exchange_get_header (exchange, "Accept-Language"), &language);

  if (language != NULL)
    sighej_exchange_set_header (exchange, "Content-Language", language);
  sighej_exchange_set_header (exchange, "Vary", "Accept-Language, Origin");
  sighej_exchange_answer_bytes (exchange, SOUP_STATUS_OK, "text/html; charset=utf-8", body);
}

void
sighej_route_privacy (SighejExchange *exchange, SighejParts *parts)
{
  answer_page (exchange, parts, SIGHEJ_PAGE_PRIVACY);
}

void
sighej_route_terms (SighejExchange *exchange, SighejParts *parts)
{
  answer_page (exchange, parts, SIGHEJ_PAGE_TERMS);
}
