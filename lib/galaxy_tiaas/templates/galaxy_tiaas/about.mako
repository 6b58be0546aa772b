<%inherit file="base.mako"/>
<%def name="title()">About trainings</%def>
<%def name="here()">/tiaas/</%def>
<div class="tiaas-medium">
<h1>Training Infrastructure as a Service</h1>
<p class="lead">You teach with Galaxy, ${config.owner} brings the computers: for the days of your course, the jobs of
your class run on resources of their own and do not wait behind everybody else's.</p>
<div class="tiaas-actions">
    <a class="btn btn-primary" href="${url('/tiaas/new/')}">Request a training</a>
    <a class="btn btn-outline-primary" href="${url('/tiaas/trainings/')}">Join a training</a>
    <a class="btn btn-outline-primary" href="${url('/tiaas/calendar/')}">See the calendar</a>
</div>
<h2>How it works</h2>
<ol>
    <li>You tell us about your course${f", at least {config.late_request_prevention_days} days before it starts" if config.late_request_prevention_days else ""}.</li>
    <li>An administrator reads the request and approves it.</li>
    <li>You give your class one link. Whoever follows it has joined.</li>
    <li>While the course runs, the jobs of your class go to the training's resources, and you see on a dashboard how far
        everybody is${"" if config.expose_username else ", without names"}.</li>
    <li>After the course everything is switched off by itself, and personal data is removed.</li>
</ol>
<h2>Who may use it</h2>
<p>Everybody who teaches with Galaxy. It costs nothing; please make sure that nobody is kept out of your course.</p>
% if contact_email or config.owner_site:
<h2>Questions</h2>
<p>
    % if contact_email:
    Write to <a href="mailto:${contact_email}">${contact_email}</a>.
    % endif
    % if config.owner_site:
    More about us: <a href="${config.owner_site}" target="_blank" rel="noopener noreferrer">${config.owner_site}</a>.
    % endif
</p>
% endif
</div>
