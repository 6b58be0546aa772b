<%def name="bars(strip, label)">
<svg class="tiaas-load-bars" viewBox="0 0 ${strip.width} 104" preserveAspectRatio="none" role="img" aria-label="${label}">
% for bar in strip.bars:
    <g>
        <title>${formats.day(bar.entry.day)}: ${f"{bar.entry.seats + (strip.attendance if bar.entry.within else 0):,}"} seats</title>
        <rect class="tiaas-load-day ${'within' if bar.entry.within else ''}" x="${bar.x - 1}" y="${100 if bar.entry.within else 102}" width="12" height="${4 if bar.entry.within else 2}"/>
        % if bar.others:
        <rect class="tiaas-load-others" x="${bar.x}" y="${100 - bar.others}" width="10" height="${bar.others}"/>
        % endif
        % if bar.own:
        <rect class="tiaas-load-own" x="${bar.x}" y="${100 - bar.others - bar.own}" width="10" height="${bar.own}"/>
        % endif
        % if bar.cut:
        <rect class="tiaas-load-cut" x="${bar.x - 1}" y="10" width="12" height="6"/>
        % endif
    </g>
% endfor
</svg>
</%def>

<%def name="sentence(strip)">\
% if strip.peak.seats:
at most ${f"{strip.highest:,}"} seats on one day (${formats.day(strip.peak.day)}): ${f"{strip.attendance:,}"} here and ${f"{strip.peak.seats:,}"} of others\
% else:
${f"{strip.attendance:,}"} seats; no other approved training on these days\
% endif
</%def>

<%def name="small(strip, wished=False)">
<span class="tiaas-load">
    ${bars(strip, f"Load{' with the change' if wished else ''}: {capture(sentence, strip).strip()}")}
    <span class="tiaas-load-words">
    % if wished:
        with the change<br>
    % endif
    % if strip.peak.seats:
        at most <strong>${f"{strip.highest:,}"}</strong>, ${f"{strip.peak.seats:,}"} of others
    % else:
        <strong>${f"{strip.attendance:,}"}</strong>, nobody else
    % endif
    </span>
</span>
</%def>

<%def name="legend()">
<p class="tiaas-load-legend">
    <span><span class="tiaas-load-key own"></span>seats of the training</span>
    <span><span class="tiaas-load-key others"></span>promised to others</span>
    <span><span class="tiaas-load-key days"></span>its days</span>
</p>
</%def>

<%def name="chart(strip)">
<figure class="tiaas-load-chart">
    <span class="tiaas-load-top" aria-hidden="true">${f"{strip.top:,}"} seats</span>
    ${bars(strip, f"Seats per day: {capture(sentence, strip).strip()}")}
    <div class="tiaas-load-dates" aria-hidden="true"><span>${formats.day(strip.bars[0].entry.day)}</span><span>${formats.day(strip.bars[-1].entry.day)}</span></div>
    ${legend()}
</figure>
</%def>
