/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "fake-bluez.h"

#define CALLS_MAX 200000

/* What is to go wrong with a method. */
typedef struct
{
  char *error;
  guint n_errors; /* G_MAXUINT: for ever */
  guint n_lost;
  guint delay_ms;
  gboolean hangs;
} Rule;

static void
rule_free (gpointer data)
{
  Rule *rule = data;

  g_free (rule->error);
  g_free (rule);
}

static void
call_free (gpointer data)
{
  FakeCall *call = data;

  g_free (call->client);
  g_free (call->method);
  g_free (call->detail);
  g_free (call->result);
  g_free (call);
}

void
fake_calls_init (Fake *fake)
{
  fake->calls = g_ptr_array_new_with_free_func (call_free);
  fake->violations = g_ptr_array_new_with_free_func (g_free);
  fake->air = g_ptr_array_new_with_free_func (g_free);
  fake->rules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, rule_free);
  g_queue_init (&fake->pending);
}

void
fake_calls_clear (Fake *fake)
{
  fake_calls_forget (fake, NULL);
  g_ptr_array_unref (fake->calls);
  g_ptr_array_unref (fake->violations);
  g_ptr_array_unref (fake->air);
  g_hash_table_unref (fake->rules);
}

static Rule *
ensure_rule (Fake *fake, const char *method)
{
  Rule *rule = g_hash_table_lookup (fake->rules, method);

  if (rule == NULL)
    {
      rule = g_new0 (Rule, 1);
      g_hash_table_insert (fake->rules, g_strdup (method), rule);
    }

  return rule;
}

gboolean
fake_rule_fail (Fake *fake, const char *method, const char *error, guint n_times)
{
  Rule *rule = ensure_rule (fake, method);

  if (!g_str_equal (error, "none") && !g_dbus_is_interface_name (error))
    return FALSE;

  g_free (rule->error);
  rule->error = g_str_equal (error, "none") ? NULL : g_strdup (error);
  rule->n_errors = n_times;

  return TRUE;
}

void
fake_rule_slow (Fake *fake, const char *method, guint delay_ms)
{
  ensure_rule (fake, method)->delay_ms = delay_ms;
}

void
fake_rule_lose (Fake *fake, const char *method, guint n_times)
{
  ensure_rule (fake, method)->n_lost = n_times;
}

gboolean
fake_rule_hangs (Fake *fake, const char *method)
{
  return ensure_rule (fake, method)->hangs;
}

guint
fake_rule_get_delay_ms (Fake *fake, const char *method)
{
  return ensure_rule (fake, method)->delay_ms;
}

gboolean
fake_call_is_pending (FakeCall *call)
{
  return call->result == NULL;
}

/* The invocation is given back; NULL: it was answered, or nobody waits any more. */
static GDBusMethodInvocation *
settle (FakeCall *call, const char *result)
{
  if (!fake_call_is_pending (call))
    return NULL;

  call->result = g_strdup (result);
  call->answered_us = g_get_monotonic_time ();
  g_queue_remove (&call->fake->pending, call);

  return g_steal_pointer (&call->invocation);
}

void
fake_call_answer (FakeCall *call, GVariant *reply)
{
  g_autoptr (GVariant) owned = reply != NULL ? g_variant_ref_sink (reply) : NULL;
  Rule *rule = ensure_rule (call->fake, call->method);
  GDBusMethodInvocation *invocation;

  if (rule->n_lost > 0 && fake_call_is_pending (call))
    {
      rule->n_lost--;
      g_object_unref (settle (call, "lost"));
      return;
    }
  invocation = settle (call, "ok");
  if (invocation != NULL)
    g_dbus_method_invocation_return_value (invocation, owned);
}

void
fake_call_refuse (FakeCall *call, const char *error, const char *message)
{
  GDBusMethodInvocation *invocation = settle (call, error);

  if (invocation != NULL)
    g_dbus_method_invocation_return_dbus_error (invocation, error, message);
}

static void
perform (FakeCall *call)
{
  Rule *rule = ensure_rule (call->fake, call->method);
  FakeAdapter *adapter = fake_lookup (call->fake, call->index);

  if (!fake_call_is_pending (call))
    return;

  if (rule->error != NULL && rule->n_errors > 0)
    {
      if (rule->n_errors != G_MAXUINT)
        rule->n_errors--;
      fake_call_refuse (call, rule->error, "as the test wants it");
    }
  else if (call->index >= 0 && adapter == NULL)
    fake_call_refuse (call, "org.freedesktop.DBus.Error.UnknownObject", "no such adapter");
  else
    call->perform (call->fake, adapter, call);
}

static gboolean
on_delayed (gpointer user_data)
{
  perform (user_data);

  return G_SOURCE_REMOVE;
}

void
fake_rule_hang (Fake *fake, const char *method, gboolean hangs)
{
  g_autoptr (GList) waiting = g_list_copy (fake->pending.head);

  ensure_rule (fake, method)->hangs = hangs;
  if (hangs)
    return;
  for (GList *item = waiting; item != NULL; item = item->next)
    {
      FakeCall *call = item->data;

      if (g_str_equal (call->method, method))
        perform (call);
    }
}

void
fake_violate (Fake *fake, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (fake->violations, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

/* BLE 5 and 6: one request of each kind in flight, ever. */
static void
judge (FakeCall *call)
{
  for (GList *item = call->fake->pending.head; item != NULL; item = item->next)
    {
      const FakeCall *other = item->data;

      if (call->kind != FAKE_KIND_OTHER && other->kind == call->kind
          && g_str_equal (other->client, call->client))
        fake_violate (call->fake,
                      "%s called %s while its %s is under way",
                      call->client,
                      call->method,
                      other->method);
    }
}

void
fake_call_take (Fake *fake,
                FakeAdapter *adapter,
                GDBusMethodInvocation *invocation,
                FakeKind kind,
                char *detail,
                FakePerform perform_call)
{
  FakeCall *call = g_new0 (FakeCall, 1);
  Rule *rule;

  g_assert (fake->calls->len < CALLS_MAX);
  call->fake = fake;
  call->serial = fake->calls->len;
  call->at_us = g_get_monotonic_time ();
  call->client = g_strdup (g_dbus_method_invocation_get_sender (invocation));
  call->index = adapter != NULL ? (int) adapter->index : -1;
  call->method = g_strdup (g_dbus_method_invocation_get_method_name (invocation));
  call->detail = detail;
  call->kind = kind;
  call->perform = perform_call;
  call->invocation = invocation;
  judge (call);
  g_ptr_array_add (fake->calls, call);
  g_queue_push_tail (&fake->pending, call);

  rule = ensure_rule (fake, call->method);
  if (rule->hangs)
    return;
  if (rule->delay_ms > 0)
    g_timeout_add (rule->delay_ms, on_delayed, call);
  else
    perform (call);
}

void
fake_calls_forget (Fake *fake, const char *client)
{
  g_autoptr (GList) waiting = g_list_copy (fake->pending.head);

  for (GList *item = waiting; item != NULL; item = item->next)
    {
      FakeCall *call = item->data;

      if (client == NULL || g_str_equal (call->client, client))
        g_object_unref (settle (call, "forgotten"));
    }
}

char *
fake_calls_describe (Fake *fake)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < fake->calls->len; i++)
    {
      const FakeCall *call = g_ptr_array_index (fake->calls, i);

      g_string_append_printf (text,
                              "%u %" G_GINT64_FORMAT " %s %d %s %s %" G_GINT64_FORMAT " %s\n",
                              call->serial,
                              call->at_us,
                              call->client,
                              call->index,
                              call->method,
                              call->detail,
                              call->answered_us,
                              call->result != NULL ? call->result : "-");
    }

  return g_string_free (text, FALSE);
}
