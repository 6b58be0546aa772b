<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">Thank you: ${training.title}</%def>
<p>Hogwarts' own mail/thanks_instructor.mako</p>

<p>Your training <strong>${training.title}</strong> (${days}) is over. Thank you for teaching on ${config.owner}!</p>
<ul>
<li>People who joined: ${f"{joined:,}"} of ${f"{training.attendance:,}"} expected</li>
% if usage:
<li>Jobs that they ran: ${f"{usage.jobs:,}"}</li>
% if usage.job_hours is not None:
<li>Job hours: ${wording.hours(usage.job_hours)}, core hours: ${wording.hours(usage.core_hours)}</li>
% endif
% endif
</ul>
<p>Accounts, histories and workflows of your class stay as they are; jobs wait like everybody else's again.\
% if config.gdpr_auto_redact:
 Your name and address are removed from the request some time from now, and so are the names on the dashboard.\
% endif
</p>
<p>Next time, start from this one; the form is filled in already:</p>
${parts.button("Request it again", link(f"/tiaas/new/?clone={training.identifier}"))}
