<%doc>Part of the page to which the request form leads: what happens next. Needs ``training``.</%doc>
<%page args="training"/>
<div class="alert alert-success" role="status"><strong>Your request has arrived.</strong> This is what happens next.</div>
<ol class="tiaas-steps">
    <li><strong>An administrator reads it,</strong> in time before ${formats.day(training.start)}. Until then you can change or
    withdraw it.
    % if contact_email:
    Questions? Write to <a href="mailto:${contact_email}">${contact_email}</a>.
    % endif
    </li>
    % if sends_mail:
    <li><strong>We'll e-mail you the answer;</strong> it will also be on this page and under <a href="${url('/tiaas/trainings/')}">My trainings</a>.</li>
    % else:
    <li><strong>The answer will be on this page</strong> and under <a href="${url('/tiaas/trainings/')}">My trainings</a>.
    This server sends no e-mail, so please check back.</li>
    % endif
    <li><strong>Share the link with your class</strong> once the training is approved.
    ${"Trainees can follow it days before" if config.join_before_start else "Trainees can follow it from the start"}:
    <code>${training.join_url}</code>
    </li>
    <li><strong>Try your course before the day:</strong> once it is approved, follow the link yourself and run the tools you
    will teach.</li>
    <li><strong>Afterwards there is nothing to do.</strong> The resources go back by themselves, and everybody keeps their
    histories.</li>
</ol>
