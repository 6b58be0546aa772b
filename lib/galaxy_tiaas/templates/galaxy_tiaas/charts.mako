<%page args="status"/>
<%!
from galaxy_tiaas.dashboard import view as dashboard

#: Lines over the colours of states, so that they differ without it.
LINES = {"running": "M-1.5 1.5L1.5 -1.5M0 6L6 0M4.5 7.5L7.5 4.5", "queued": "M1.5 3H3.5", "failed": "M-1.5 4.5L1.5 7.5M0 0L6 6M4.5 -1.5L7.5 1.5", "other": "M0 3H6"}
%>
<%
if not status.until:
    empty = "No jobs in these hours. Charts appear here with the first one."
elif status.members and status.hours < dashboard.HOURS[-1]:
    empty = "No jobs in these last hours of the training. Choose more hours to see what came before."
else:
    empty = "No jobs in these last hours of the training."
%>
<section class="tiaas-charts" id="charts" aria-labelledby="charts-heading" data-empty="${empty}" data-activity="${url(f'/api/tiaas/trainings/{status.identifier}/activity')}?hours=${status.hours}&amp;jobs=${status.shown.value}">
<h2 id="charts-heading">Over time</h2>
<div class="tiaas-charts-drawn" id="charts-drawn" data-morph="keep">
    <p data-note role="status">The charts are being loaded.</p>
    <svg class="tiaas-charts-patterns" aria-hidden="true"><defs>
        % for group in dashboard.GROUPS:
        <pattern id="charts-${group.name}" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="tiaas-fill-${group.name}" width="6" height="6"/>
            % if group.name in LINES:
            <path d="${LINES[group.name]}"/>
            % endif
        </pattern>
        % endfor
    </defs></svg>
    <div class="tiaas-charts-figures" data-figures hidden>
        <figure class="tiaas-chart" aria-labelledby="charts-states">
            <figcaption id="charts-states">Jobs by the time they were created</figcaption>
            <ul class="tiaas-chart-legend" aria-label="States of the jobs now">
                % for group in dashboard.GROUPS:
                <li data-group="${group.name}" data-states="${' '.join(sorted(group.states))}"><svg width="18" height="14" aria-hidden="true"><rect x="0.5" y="0.5" width="17" height="13" fill="url(#charts-${group.name})"/></svg><span class="fas ${group.icon}" aria-hidden="true"></span><span>${group.name} <span data-total></span></span></li>
                % endfor
            </ul>
            <div role="img" aria-label="Jobs over time" data-picture="states"></div>
            <details><summary>Jobs over time as a table</summary>
                <div class="tiaas-chart-rows" tabindex="0" role="region" aria-labelledby="charts-states"><table class="table table-sm">
                    <thead><tr><th scope="col">From</th>
                        % for group in dashboard.GROUPS:
                        <th scope="col">${group.name}</th>
                        % endfor
                    </tr></thead>
                    <tbody data-table="states"></tbody>
                </table></div>
            </details>
        </figure>
        <figure class="tiaas-chart" aria-labelledby="charts-waits">
            <figcaption id="charts-waits">From creation to start of a job</figcaption>
            <p data-sentence></p>
            <div role="img" aria-label="How long jobs waited" data-picture="waits"></div>
            <p data-explanation><small>The bar holds the middle half of the jobs, the thick line divides them into halves. Jobs that were created in these hours and have run; no uploads.</small></p>
            <details><summary>Waits as a table</summary>
                <div class="tiaas-chart-rows" tabindex="0" role="region" aria-labelledby="charts-waits"><table class="table table-sm">
                    <thead><tr><td></td><th scope="col">This class</th><th scope="col">Everybody else</th></tr></thead>
                    <tbody data-table="waits"></tbody>
                </table></div>
            </details>
        </figure>
    </div>
</div>
</section>
