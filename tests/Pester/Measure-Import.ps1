<#
.SYNOPSIS
    Measures what importing the module in out/VgpuPS costs beyond importing an empty one.
.DESCRIPTION
    Each import runs in a process of its own, the two modules in turn; the figures are medians of the time that
    Import-Module takes in a process that has imported nothing before, by the clock and of the processor: on a machine
    that is busy with something else only the latter says much. Ends with 1 where the bar is missed by the clock.
.PARAMETER Count
    Processes a module.
.PARAMETER BarMilliseconds
    The most that the difference may be.
#>
[CmdletBinding()]
param([int] $Count = 20, [double] $BarMilliseconds = 60)

$ErrorActionPreference = 'Stop'
$pwsh = Join-Path $PSHOME pwsh
$folder = Join-Path ([IO.Path]::GetTempPath()) "vgpups-import-$PID/Nothing"
New-Item -ItemType Directory -Path $folder -Force | Out-Null
try {
    # An empty module of the same kind: a manifest with an assembly that has no commands.
    $empty = Join-Path $folder 'Nothing.psd1'
    Add-Type -TypeDefinition 'public static class VgpuNothing { }' -OutputAssembly (Join-Path $folder 'Nothing.dll')
    New-ModuleManifest $empty -RootModule Nothing.dll -CmdletsToExport @() -FunctionsToExport @() -AliasesToExport @()
    $own = (Resolve-Path (Join-Path $PSScriptRoot '../../out/VgpuPS/VgpuPS.psd1')).Path
    $times = @{ $empty = @(); $own = @() }
    $work = @{ $empty = @(); $own = @() }
    for ($round = 0; $round -le $Count; $round++) {
        foreach ($path in $empty, $own) {
            $script = "`$p = [Diagnostics.Process]::GetCurrentProcess(); `$before = `$p.TotalProcessorTime; " +
                "`$w = [Diagnostics.Stopwatch]::StartNew(); Import-Module '$path'; `$w.Stop(); `$p.Refresh(); " +
                "'{0:0.000} {1:0.000}' -f `$w.Elapsed.TotalMilliseconds, (`$p.TotalProcessorTime - `$before).TotalMilliseconds"
            $clock, $processor = (& $pwsh -NoProfile -NonInteractive -Command $script) -split ' '
            # The first of each only warms the file cache.
            if ($round -gt 0) {
                $times[$path] += [double]$clock
                $work[$path] += [double]$processor
            }
        }
    }

    $median = { param($all) ($all | Sort-Object)[[int](($all.Count - 1) / 2)] }
    foreach ($kind in @{ Name = 'by the clock'; All = $times }, @{ Name = 'of the processor'; All = $work }) {
        $base, $ours = (& $median $kind.All[$empty]), (& $median $kind.All[$own])
        '{0}: empty module {1:0.0} ms, VgpuPS {2:0.0} ms, beyond it {3:0.0} ms' -f $kind.Name, $base, $ours, ($ours - $base)
    }

    'bar {0} ms; medians of {1}; PowerShell {2}' -f $BarMilliseconds, $Count, $PSVersionTable.PSVersion
    if ((& $median $times[$own]) - (& $median $times[$empty]) -gt $BarMilliseconds) { exit 1 }
}
finally {
    Remove-Item (Split-Path $folder) -Recurse -Force -ErrorAction Ignore
}
