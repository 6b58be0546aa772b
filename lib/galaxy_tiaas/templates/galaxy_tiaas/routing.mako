<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">${"Error: " if errors else ""}Where jobs go</%def>
<%def name="entry()">routing</%def>
<% here = url("/tiaas/admin/routing") %>

<%def name="field(name, label, help, type='text', placeholder='')">
<div class="tiaas-field"><label for="${name}">${label}</label>
    <div class="tiaas-help" id="${name}-help">${help}</div>
    <input class="form-control" id="${name}" name="${name}" type="${type}" value="${typed.get(name, '')}" maxlength="255" placeholder="${placeholder}" autocomplete="off" spellcheck="false" aria-describedby="${name}-help${f' {name}-error' if name in errors else ''}" ${'aria-invalid="true" autofocus' if name in errors else "" | n}>
    % if name in errors:
    <div class="tiaas-error" id="${name}-error" role="alert">${errors[name]}</div>
    % endif
</div>
</%def>

<%def name="place(name, title)"><code class="tiaas-place">${name or "nowhere"}</code>\
% if title:
 ${title}\
% endif
</%def>

<%def name="training_link(identifier)"><a href="${url(f'/tiaas/admin/trainings/{identifier}')}">${identifier}</a></%def>

<%def name="answer_of(answer)">
<div class="tiaas-answer ${'tiaas-answer-training' if answer.training else ''}">
    <p class="tiaas-answer-place"><span class="fas fa-arrow-right" aria-hidden="true"></span> <span class="sr-only">It goes to</span> ${place(answer.destination, answer.destination_title)}</p>
    <p>because ${answer.reason}.</p>
    <dl class="tiaas-facts">
        <dt>Counts for</dt><dd>\
% if answer.training:
${training_link(answer.training)}\
% else:
no training\
% endif
</dd>
        % if answer.params:
        <dt>Set there</dt><dd>
            % for name, value in answer.params.items():
            <code>${name}: ${value}</code><br>
            % endfor
        </dd>
        % endif
        <dt>Rule</dt><dd><code>${answer.rule}</code> in <code>job_conf.yml</code></dd>
    </dl>
    % if answer.missing:
    <p class="tiaas-warning"><span class="fas fa-exclamation-triangle" aria-hidden="true"></span> <code>${answer.missing}</code> should have been used, but the job configuration has no such environment. Run <code>galaxy-tiaas config check</code>.</p>
    % endif
</div>
</%def>

<p class="tiaas-back"><a href="${url('/tiaas/admin/')}">← All requests</a></p>
<h1>Where jobs go</h1>
% if explanation:
<%
job = explanation.job
asked = [answer for answer in explanation.rules if answer.asked]
others = [answer for answer in explanation.rules if not answer.asked]
same = bool(job and asked) and (job.destination, job.training) == (asked[0].destination, asked[0].training)
who = explanation.user or "somebody who is not logged in"
%>
<section aria-labelledby="answer" class="tiaas-explanation">
% if job:
<h2 id="answer" tabindex="-1" autofocus>Job ${job.number} of ${who}</h2>
<p class="tiaas-help">${explanation.tool_name}
    % if explanation.tool_name != explanation.tool_id:
    <code>${explanation.tool_id}</code>
    % endif
    · submitted ${formats.moment(job.created)} · ${job.state}</p>
% if job.destination and (job.training or job.reason):
<div class="tiaas-answer ${'tiaas-answer-training' if job.training else ''}">
    <p class="tiaas-answer-place"><span class="fas fa-arrow-right" aria-hidden="true"></span> <span class="sr-only">It went to</span> ${place(job.destination, job.destination_title)}</p>
    % if job.reason:
    <p>because ${job.reason}.</p>
    % endif
    <dl class="tiaas-facts">
        <dt>Counted for</dt><dd>\
% if job.training:
${training_link(job.training)}\
% else:
no training\
% endif
</dd>
    </dl>
</div>
% else:
<p class="tiaas-answer">${job.account}</p>
% endif
<h3>The same job as things are today</h3>
% if same:
<p>With today's settings, memberships and decisions it would go there again.</p>
% else:
<p>With today's settings, memberships and decisions, at the time at which it was submitted. Where this differs from where
it went, one of them has changed since.</p>
% endif
% else:
<h2 id="answer" tabindex="-1" autofocus>A job of ${who}</h2>
<p class="tiaas-help">${"an ordinary tool" if not explanation.tool_id else explanation.tool_name}
    % if explanation.tool_id and explanation.tool_name != explanation.tool_id:
    <code>${explanation.tool_id}</code>
    % endif
    · ${formats.moment(explanation.at)}</p>
% endif
% if explanation.tool_known is False:
<p class="tiaas-warning"><span class="fas fa-exclamation-triangle" aria-hidden="true"></span> This server has no tool <code>${explanation.tool_id}</code>. This is what would happen to an ordinary tool of that name.</p>
% endif
% if not explanation.rules:
<p class="tiaas-warning"><span class="fas fa-exclamation-triangle" aria-hidden="true"></span> No environment of the job configuration uses <code>rules_module: galaxy_tiaas.rules</code>, so trainings do not change where jobs go.</p>
% elif not asked:
<p class="tiaas-answer"><span class="fas fa-arrow-right" aria-hidden="true"></span> The job configuration sends ${"this tool" if explanation.tool_id else "jobs"} to ${place(explanation.environment, None)} and asks no rule of ours, so trainings do not matter.</p>
% endif
% for answer in asked if not same else ():
${answer_of(answer)}
% endfor
% if others:
<details>
    <summary>${"What our rule would say" if len(others) == 1 else "What our rules would say"}${" otherwise" if asked else ""}</summary>
    % for answer in others:
    ${answer_of(answer)}
    % endfor
</details>
% endif
<h3>Trainings that were looked at</h3>
% if explanation.trainings:
<table class="table tiaas-stack">
    <thead><tr><th scope="col">Training</th><th scope="col">Does it count?</th><th scope="col">Resources</th></tr></thead>
    <tbody>
    % for training in explanation.trainings:
    <tr>
        <td class="tiaas-wide"><a href="${url(f'/tiaas/admin/trainings/{training.identifier}')}">${training.title}</a><br><small>${training.identifier}</small></td>
        <td data-label="Counts"><span><span class="fas ${'fa-check' if training.counts else 'fa-times'}" aria-hidden="true"></span> <strong>${"yes" if training.counts else "no"}</strong>, ${training.why}</span></td>
        <td data-label="Resources"><span>${formats.moment(training.opens)} – ${formats.moment(training.closes)}</span></td>
    </tr>
    % endfor
    </tbody>
</table>
% elif explanation.user:
<p>${explanation.user} has joined no training.</p>
% else:
<p>None: nobody joins a training without logging in.</p>
% endif
</section>
% else:
<p>For each environment of <code>job_conf.yml</code> that uses our rule, this page says where a job goes, and what that
depends on.</p>
% endif
<div class="tiaas-asks">
<form method="post" action="${here}" class="tiaas-panel">
    ${parts.token_field(token)}
    <input type="hidden" name="about" value="user">
    <h2>Where would a job go?</h2>
    ${field("user", "Whose job", "Public name or e-mail address. Empty: somebody who is not logged in.")}
    ${field("tool_id", "Tool", "Its id, such as cat1. Empty: an ordinary tool.")}
    ${field("at", "When", "In UTC. Empty: now.", type="datetime-local")}
    <button class="btn btn-primary" type="submit">Explain<span class="sr-only"> where it would go</span></button>
</form>
<form method="post" action="${here}" class="tiaas-panel">
    ${parts.token_field(token)}
    <input type="hidden" name="about" value="job">
    <h2>Where did a job go?</h2>
    ${field("job", "Job", "Its number, as in the log, or its id in the API.")}
    <button class="btn btn-primary" type="submit">Explain<span class="sr-only"> where it went</span></button>
</form>
</div>
