<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">Continues: ${training.title}</%def>
<p>Your training <strong>${training.title}</strong>, which was ended early, goes on until ${wording.day(training.end)}. The link
for your class works again.</p>
${parts.noted(note, "The administrators add:")}
${parts.button("Open the training", training_url)}
