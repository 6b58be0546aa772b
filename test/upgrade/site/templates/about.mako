<%inherit file="base.mako"/>
<%def name="title()">About trainings</%def>
<%def name="here()">/tiaas/</%def>
<%def name="entry()">about</%def>
<%
notice = config.late_request_prevention_days
STEPS = [
    ("fa-pen", "You ask", f"Tell us what you teach, when, and for how many people{f', at least {notice} days before it starts' if notice else ''}."),
    ("fa-user-check", "An administrator agrees", f"You get the answer {'by mail' if sends_mail else 'under My trainings'}, with a link and a QR code for your class."),
    ("fa-mobile-alt", "Your class joins", f"They open the link and log in. One click and they are in{', days before if they like' if config.join_before_start else ''}."),
    ("fa-bolt", "You teach", "Their jobs do not wait behind everybody else's. A dashboard shows you how far the class is."),
    ("fa-broom", "It cleans up after itself", f"After the last day the resources go back{' and personal data is removed' if config.gdpr_auto_redact else ''}. Histories stay with their owners."),
]
%>
<div class="tiaas-about">
<p>Hogwarts' own about.mako</p>

<h1>Trainings on ${config.owner}</h1>
<p class="lead">You teach with Galaxy, we bring the computers: for the days of your course, the jobs of your class run on
resources of their own. It is free of charge.</p>
<ul class="tiaas-doors">
    <li>
        <h2><span class="fas fa-chalkboard-teacher" aria-hidden="true"></span> You teach</h2>
        <p>Ask for resources for your course.</p>
        <a class="btn btn-primary" href="${url('/tiaas/new/')}">${"Request a training" if actor and actor.user else "Log in and request a training"}</a>
    </li>
    <li>
        <h2><span class="fas fa-user-graduate" aria-hidden="true"></span> You learn</h2>
        <p>Open the link that your instructor gave you, or type the identifier.</p>
        <form method="post" action="${url('/tiaas/trainings/')}" class="tiaas-inline">
            <input class="form-control" name="identifier" aria-label="Identifier or link of the training" required autocapitalize="none" autocomplete="off" spellcheck="false">
            <button class="btn btn-primary" type="submit">Join</button>
        </form>
    </li>
    <li>
        % if actor and actor.is_admin:
        <h2><span class="fas fa-inbox" aria-hidden="true"></span> You decide</h2>
        <p>Read, approve and answer the requests.</p>
        <a class="btn btn-primary" href="${url('/tiaas/admin/')}">All requests</a>
        % elif actor and actor.user:
        <h2><span class="fas fa-graduation-cap" aria-hidden="true"></span> You have one already</h2>
        <p>Find what you asked for, teach or joined.</p>
        <a class="btn btn-outline-primary" href="${url('/tiaas/trainings/')}">My trainings</a>
        % else:
        <h2><span class="fas fa-calendar-alt" aria-hidden="true"></span> You are curious</h2>
        <p>See what takes place here, and when.</p>
        <a class="btn btn-outline-primary" href="${url('/tiaas/calendar/')}">Calendar</a>
        % endif
    </li>
</ul>
<h2>How it works</h2>
<ol class="tiaas-steps">
    % for icon, step, text in STEPS:
    <li><span class="fas ${icon}" aria-hidden="true"></span><div><h3>${step}</h3><p>${text}</p></div></li>
    % endfor
</ol>
<h2>Good to know</h2>
<ul>
    <li>Everybody who teaches with Galaxy may ask. Please make sure that nobody is kept out of your course.</li>
    % if not config.expose_username:
    <li>On the dashboard, everybody appears under a made-up name that only they know.</li>
    % endif
    <li>Your class installs nothing, and chooses nothing special when running a tool.</li>
    % if contact_email:
    <li>Questions? Write to <a href="mailto:${contact_email}">${contact_email}</a>.</li>
    % endif
    % if config.owner_site:
    <li>More about ${config.owner}: <a href="${config.owner_site}" target="_blank" rel="noopener noreferrer">${config.owner_site}</a></li>
    % endif
</ul>
</div>
