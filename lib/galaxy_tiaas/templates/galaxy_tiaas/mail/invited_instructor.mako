<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">Invitation to teach: ${title}</%def>
<%def name="reason()">You get this message because somebody named your account on ${config.owner}. They do not learn that you have it unless you accept.</%def>
<p>${inviter or "An administrator"} asks you to teach a training with them: <strong>${title}</strong>, ${days}.</p>
<p>If you accept, you can see and change everything about it, as they can. If you do not know them, decline, or do nothing:
the invitation ends after ${valid_days} days.</p>
${parts.button("Accept or decline", link("/tiaas/trainings/"))}
