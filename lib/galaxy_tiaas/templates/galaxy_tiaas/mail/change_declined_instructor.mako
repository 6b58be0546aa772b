<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">Change declined: ${training.title}</%def>
<p>The change that was requested for your training <strong>${training.title}</strong> is not possible. Everything stays as it
was: ${days}, ${training.attendance} people.</p>
${parts.noted(note, "The administrators write:")}
<p>You can ask for another change at any time:</p>
${parts.button("Open the training", training_url)}
