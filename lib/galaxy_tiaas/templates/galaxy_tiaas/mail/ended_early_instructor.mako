<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">Ended early: ${training.title}</%def>
<p>Your training <strong>${training.title}</strong> (${days}) was ended before its last day. From now on, jobs of your class
wait like everybody else's. Nothing in anybody's account is lost.</p>
${parts.noted(note, "The reason that was given:")}
<p>If it should go on, extend it:</p>
${parts.button("Open the training", training_url)}
