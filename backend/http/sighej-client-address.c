/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-client-address"

#include "config.h"

#include "sighej-client-address.h"

#include <string.h>

#define UNIX_WORD "unix"
#define IPV6_PREFIX_BYTES 8
#define IPV6_BYTES 16
#define HOPS_MAX 16

struct _SighejTrust
{
  GPtrArray *masks; /* of GInetAddressMask */
  gboolean trusts_unix;
};

SighejTrust *
sighej_trust_new (const char *const *items, GError **error)
{
  g_autoptr (SighejTrust) self = g_new0 (SighejTrust, 1);

  self->masks = g_ptr_array_new_with_free_func (g_object_unref);
  for (gsize i = 0; items[i] != NULL; i++)
    {
      GInetAddressMask *mask;

      if (strcmp (items[i], UNIX_WORD) == 0)
        {
          self->trusts_unix = TRUE;
          continue;
        }
      mask = g_inet_address_mask_new_from_string (items[i], NULL);
      if (mask == NULL)
        {
          g_set_error (error,
                       SIGHEJ_ERROR,
                       SIGHEJ_ERROR_CONFIG,
                       "TrustedProxies holds '%s'; write addresses, networks such as "
                       "10.0.0.0/8, or 'unix'",
                       items[i]);
          return NULL;
        }
      g_ptr_array_add (self->masks, mask);
    }
  return g_steal_pointer (&self);
}

void
sighej_trust_free (SighejTrust *self)
{
  g_ptr_array_unref (self->masks);
  g_free (self);
}

gboolean
sighej_trust_is_empty (SighejTrust *self)
{
  return self->masks->len == 0 && !self->trusts_unix;
}

static gboolean
is_trusted (SighejTrust *self, GInetAddress *address)
{
  for (guint i = 0; i < self->masks->len; i++)
    if (g_inet_address_mask_matches (self->masks->pdata[i], address))
      return TRUE;
  return FALSE;
}

/* "::ffff:1.2.3.4" is 1.2.3.4. (transfer full) */
static GInetAddress *
unmap (GInetAddress *address)
{
  static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };
  const guint8 *bytes = g_inet_address_to_bytes (address);

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6
      && memcmp (bytes, mapped, sizeof mapped) == 0)
    return g_inet_address_new_from_bytes (bytes + sizeof mapped, G_SOCKET_FAMILY_IPV4);
  return g_object_ref (address);
}

static char *
to_key (GInetAddress *address)
{
  guint8 bytes[IPV6_BYTES] = { 0 };
  g_autoptr (GInetAddress) network = NULL;
  g_autofree char *text = NULL;

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4)
    return g_inet_address_to_string (address);
  memcpy (bytes, g_inet_address_to_bytes (address), IPV6_PREFIX_BYTES);
  network = g_inet_address_new_from_bytes (bytes, G_SOCKET_FAMILY_IPV6);
  text = g_inet_address_to_string (network);
  return g_strconcat (text, "/64", NULL);
}

/* The rightmost hop that is no proxy of ours; what stands left of it anybody may have written. */
static char *
find_untrusted_hop (SighejTrust *self, const char *forwarded_for)
{
  g_auto (GStrv) hops = g_strsplit (forwarded_for, ",", -1);
  guint n = g_strv_length (hops);

  for (guint i = 0; i < MIN (n, HOPS_MAX); i++)
    {
      g_autoptr (GInetAddress) raw = g_inet_address_new_from_string (g_strstrip (hops[n - 1 - i]));
      g_autoptr (GInetAddress) hop = raw != NULL ? unmap (raw) : NULL;

      if (hop == NULL)
        return NULL;
      if (!is_trusted (self, hop))
        return to_key (hop);
    }
  return NULL;
}

/* (transfer full) (nullable) */
static GInetAddress *
get_inet (GSocketAddress *peer)
{
  if (!G_IS_INET_SOCKET_ADDRESS (peer))
    return NULL;
  return unmap (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (peer)));
}

gboolean
sighej_trust_covers (SighejTrust *self, GSocketAddress *peer)
{
  g_autoptr (GInetAddress) inet = get_inet (peer);

  return inet != NULL ? is_trusted (self, inet) : self->trusts_unix;
}

char *
sighej_client_address (SighejTrust *trust, GSocketAddress *peer, const char *forwarded_for)
{
  g_autoptr (GInetAddress) inet = get_inet (peer);

  if (sighej_trust_covers (trust, peer))
    return forwarded_for != NULL ? find_untrusted_hop (trust, forwarded_for) : NULL;
  return inet != NULL ? to_key (inet) : NULL;
}
