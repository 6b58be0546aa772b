<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%! from galaxy_tiaas.dashboard import view as dashboard %>
<%def name="title()">${status.title}: dashboard</%def>
<%def name="head()"><noscript><meta http-equiv="refresh" content="30"></noscript></%def>
<%def name="entry()">status</%def>
<%def name="look()">${"tiaas-wall" if view.projector else ""}</%def>
<%
here = f"/join-training/{status.identifier}"
live_address = url(f"{here}/status/live{view.address()}{'&as=instructor' if visit.teaches else ''}")
%>

<%def name="freshness()">
<p class="tiaas-fresh"><span id="fresh">As of ${formats.moment(status.generated, "short")}</span>
    <strong id="trouble" role="status"></strong> <a id="again" href="" hidden>Reload the page</a></p>
</%def>

<div class="tiaas-board-head">
    <h1>${status.title}</h1>
    % if view.projector:
    ${freshness()}
    <p class="tiaas-board-controls"><button type="button" class="btn btn-outline-primary btn-sm" id="full-screen" hidden>Full screen</button>
        <a class="btn btn-outline-primary btn-sm" id="leave-wall" href="${view.address(projector=False)}">Ordinary view</a></p>
    % else:
    <p class="tiaas-board-controls">
    % if visit.teaches:
        <a class="btn btn-outline-primary btn-sm" href="${url(f'/tiaas/trainings/{status.identifier}')}"><span class="fas fa-chalkboard-teacher" aria-hidden="true"></span> The training</a>
    % endif
        <a class="btn btn-outline-primary btn-sm" id="enter-wall" href="${view.address(projector=True)}" target="_blank"><span class="fas fa-chalkboard" aria-hidden="true"></span> Classroom view<span class="sr-only"> (opens a new window)</span></a></p>
    % endif
</div>
% if not view.projector:
% if visit.closed:
<p class="alert alert-info">${visit.closed}${" Only its instructors and administrators see this dashboard now." if visit.closed.status_code == 410 else ""}</p>
% endif
% if visit.membership and visit.membership.note and not visit.closed:
<p class="alert alert-warning" id="activate"><strong>Activate your account first.</strong> ${parts.how_to_activate(actor)}</p>
% endif
<div class="tiaas-who">
    % if visit.membership:
    <p>On this dashboard you are
        % if visit.closed:
        ${parts.person(visit.membership)}
        % else:
        <a href="${url(here)}">${parts.person(visit.membership)}</a>
        % endif
    </p>
    % endif
    ${freshness()}
    % if status.members > dashboard.FEW_ENOUGH_TO_SEE or view.find:
    <form class="tiaas-find" method="get" action="#people" role="search">
        % for name, value in view.query().items():
        % if name in ("hours", "jobs", "lists"):
        <input type="hidden" name="${name}" value="${value}">
        % endif
        % endfor
        <label for="find">Find a person</label>
        <input class="form-control" type="search" id="find" name="find" value="${view.find}" maxlength="40" autocomplete="off" autocapitalize="none" spellcheck="false">
        <button class="btn btn-outline-primary" type="submit">Find</button>
    </form>
    % endif
</div>
% endif
<div id="live" data-address="${live_address}" data-etag="${visit.etag}" data-seconds="${visit.refresh_seconds}" data-me="${visit.membership.pseudonym if visit.membership else ''}">
${visit.live | n}
</div>
