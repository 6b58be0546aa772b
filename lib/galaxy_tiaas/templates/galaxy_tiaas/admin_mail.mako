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
<%def name="title()">Has everybody been told?</%def>
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
        <th scope="col">Attempts</th><th scope="col">Problem</th><th scope="col"><span class="sr-only">What to do</span></th></tr></thead>
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
            <div>${"given up" if given_up else "next"} ${formats.moment(each.given_up_at if given_up else each.next_attempt_at)}</div></td>
        <td data-label="Problem">${each.problem or "–"}</td>
        <td class="text-nowrap">${button("Try again", "retry", "btn-outline-primary", about, each.id)}
            ${button("Drop", "drop", "btn-outline-danger", about, each.id)}</td>
    </tr>
    % endfor
    </tbody>
</table>
</%def>
<p class="tiaas-back"><a href="${url('/tiaas/admin/')}">← All requests</a></p>
<h1>Has everybody been told?</h1>
<p>Mails and notifications that have not arrived yet. What has arrived is not kept.</p>
% if done == "nothing":
<div class="alert alert-info" role="status">It is being sent just now, or does not wait any more; look once more in a moment.</div>
% elif done:
<div class="alert alert-success" role="status">${"It is tried again now; look once more in a moment." if done == "retry" else "Dropped."}</div>
% endif
% if not mail.sends_mail:
<div class="alert alert-warning"><strong>This Galaxy sends no mail.</strong> Set <code>smtp_server</code> in
    <code>galaxy.yml</code>, and instructors are told of your decisions. Until then no mail is written,
    % if mail.sends_notifications:
    only notifications are.</div>
    % else:
    and with <code>enable_notification_system</code> off nobody is told anything.</div>
    % endif
% endif
% if not mail.knows_its_address and (mail.sends_mail or mail.sends_notifications):
<div class="alert alert-warning"><strong>Mails and notifications have no links.</strong> Set <code>galaxy_infrastructure_url</code> in
    <code>galaxy.yml</code>, or <code>base_url</code> among the settings of this extension, to the address at which people
    reach this Galaxy.</div>
% endif
<section aria-labelledby="given-up">
<h2 id="given-up">Given up <span class="tiaas-count">${f"{mail.given_up_total:,}"}</span></h2>
% if mail.given_up:
<p>These are not tried again, and are deleted after 30 days.
% if mail.given_up_total > len(mail.given_up):
Here are the last ${len(mail.given_up)}.
% endif
</p>
${rows(mail.given_up, True)}
<p>${button("Try all again", "retry", "btn-primary")} ${button("Drop all", "drop", "btn-outline-danger")}</p>
% else:
<p>Nothing was given up.</p>
% endif
</section>
<section aria-labelledby="waiting">
<h2 id="waiting">Waiting <span class="tiaas-count">${f"{mail.waiting_total:,}"}</span></h2>
% if mail.waiting:
<p>These are tried again automatically, at longer and longer intervals, for three days.
% if mail.waiting_total > len(mail.waiting):
Here are the next ${len(mail.waiting)}.
% endif
</p>
${rows(mail.waiting, False)}
% else:
<p>Nothing is waiting.</p>
% endif
</section>
