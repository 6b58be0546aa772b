<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%!
EVENTS = {
    "requested": "request",
    "change_requested": "requested change",
    "change_accepted": "change accepted",
    "change_declined": "change declined",
    "ended_early": "ended early",
    "invited": "invitation to teach",
    "accepted": "invitation accepted",
    "confirm": "confirmation of an address",
}
AUDIENCES = {"admin": "administrator", "instructor": "instructor", "member": "member", "contact": "contact"}
%>
<%def name="title()">Mail queue</%def>
<%def name="entry()">review</%def>
<%def name="button(text, action, look, about='', delivery=None)">
<form method="post" action="${url('/tiaas/admin/mail')}" class="d-inline">${parts.token_field(token)}
<input type="hidden" name="action" value="${action}">
% if delivery:
<input type="hidden" name="delivery" value="${delivery}">
% endif
<button class="btn btn-sm ${look}" type="submit">${text}<span class="sr-only">${about}</span></button></form>
</%def>
<%def name="rows(found, given_up)">
<table class="table table-sm tiaas-stack">
    <thead><tr><th scope="col">Message</th><th scope="col">To</th><th scope="col">Written</th>
        <th scope="col">Attempts</th><th scope="col">Problem</th><th scope="col"><span class="sr-only">Actions</span></th></tr></thead>
    <tbody>
    % for each in found:
    <%
        what = EVENTS.get(each.event, each.event.replace("_", " "))
        about = f": {what}, {each.username or each.address}"
    %>
    <tr>
        <td>
            % if each.identifier:
            <a href="${url(f'/tiaas/admin/trainings/{each.identifier}')}">${each.identifier}</a>
            % endif
            <div>${what}, ${"by mail" if each.channel == "mail" else "as notification"}</div></td>
        <td data-label="To">${each.username or each.address or "–"}
            % if each.username and each.address and each.channel == "mail":
            <div class="tiaas-address">${each.address}</div>
            % endif
            <div>as ${AUDIENCES.get(each.audience, each.audience)}</div></td>
        <td data-label="Written">${formats.moment(each.created)}</td>
        <td data-label="Attempts">${each.attempts}
            <div>${"abandoned" if given_up else "next"} ${formats.moment(each.given_up_at if given_up else each.next_attempt_at)}</div></td>
        <td data-label="Problem">${each.problem or "–"}</td>
        <td class="text-nowrap">${button("Retry", "retry", "btn-outline-primary", about, each.id)}
            ${button("Drop", "drop", "btn-outline-danger", about, each.id)}</td>
    </tr>
    % endfor
    </tbody>
</table>
</%def>
<p class="tiaas-back"><a href="${url('/tiaas/admin/')}">← All requests</a></p>
<h1>Mail queue</h1>
<p>Mails and notifications that have not been delivered. Delivered ones are not kept.</p>
% if done == "nothing":
<div class="alert alert-info" role="status">Nothing was changed: it is being sent, or is not in the queue any more. Reload the page in a moment.</div>
% elif done:
<div class="alert alert-success" role="status">${"Retry queued." if done == "retry" else "Dropped."}</div>
% endif
% if not mail.sends_mail:
<div class="alert alert-warning"><strong>This Galaxy sends no mail.</strong> Set <code>smtp_server</code> in
    <code>galaxy.yml</code> to notify instructors of your decisions.
    % if mail.sends_notifications:
    Until then they only get notifications in Galaxy.</div>
    % else:
    Until then nobody is notified, since <code>enable_notification_system</code> is off, too.</div>
    % endif
% endif
% if not mail.knows_its_address and (mail.sends_mail or mail.sends_notifications):
<div class="alert alert-warning"><strong>Mails and notifications have no links.</strong> Set <code>galaxy_infrastructure_url</code> in
    <code>galaxy.yml</code>, or <code>base_url</code> among the settings of this extension, to the address at which people
    reach this Galaxy.</div>
% endif
<section aria-labelledby="given-up">
<h2 id="given-up">Delivery abandoned <span class="tiaas-count">${f"{mail.given_up_total:,}"}</span></h2>
% if mail.given_up:
<p>These are not retried, and are deleted after 30 days.
% if mail.given_up_total > len(mail.given_up):
The last ${len(mail.given_up)} are shown.
% endif
</p>
${rows(mail.given_up, True)}
<p>${button("Retry all", "retry", "btn-primary")} ${button("Drop all", "drop", "btn-outline-danger")}</p>
% else:
<p>No delivery was abandoned.</p>
% endif
</section>
<section aria-labelledby="waiting">
<h2 id="waiting">Waiting <span class="tiaas-count">${f"{mail.waiting_total:,}"}</span></h2>
% if mail.waiting:
<p>These are retried automatically, at growing intervals, for three days.
% if mail.waiting_total > len(mail.waiting):
The next ${len(mail.waiting)} are shown.
% endif
</p>
${rows(mail.waiting, False)}
% else:
<p>Nothing is waiting.</p>
% endif
</section>
