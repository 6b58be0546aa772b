<p>Tell us about your course${f", please at least {config.late_request_prevention_days} days before it starts" if config.late_request_prevention_days else ""}.
An administrator reads the request and answers; you can change or withdraw it meanwhile.
% if contact_email:
If it is urgent, write to <a href="mailto:${contact_email}">${contact_email}</a>.
% endif
</p>
