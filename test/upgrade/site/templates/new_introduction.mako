<p>Tell us about your course${f", please at least {config.late_request_prevention_days} days before it starts" if config.late_request_prevention_days else ""}.
An administrator reads your request and answers.
% if contact_email:
If it is urgent, write to <a href="mailto:${contact_email}">${contact_email}</a>.
% endif
</p>

<p>Hogwarts' own new_introduction.mako</p>
