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
    <li><strong>You find the answer on this page,</strong> and under <a href="${url('/tiaas/trainings/')}">My trainings</a>, with
    what they wrote to you. Look in from time to time.</li>
    <li><strong>Share the link with your class</strong> once the training is approved:
    <code>${training.join_url}</code>
    % if config.join_before_start:
    Trainees can follow it days before.
    % else:
    Trainees can follow it from the start.
    % endif
    </li>
    <li><strong>Try your course before the day:</strong> once it is approved, follow the link yourself and run the tools you
    will teach.</li>
    <li><strong>Afterwards there is nothing to do.</strong> The resources go back by themselves, and everybody keeps their
    histories.</li>
</ol>
