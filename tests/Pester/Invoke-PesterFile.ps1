<#
.SYNOPSIS
    Runs the Pester files, each in a process of its own, against the module in out/VgpuPS.
.PARAMETER Name
    Files to run, with wildcards; all without it.
#>
[CmdletBinding()]
param([string] $Name = '*')

$ErrorActionPreference = 'Stop'
$pwsh = Join-Path $PSHOME pwsh
$files = Get-ChildItem (Join-Path $PSScriptRoot '*.Tests.ps1') | Where-Object BaseName -Like "$Name.Tests" | Sort-Object Name
$results = @($files | ForEach-Object -ThrottleLimit ([Environment]::ProcessorCount) -Parallel {
    $script = "`$c = New-PesterConfiguration; `$c.Run.Path = '$($_.FullName)'; `$c.Run.PassThru = `$true; `$c.Output.Verbosity = 'None'; " +
        "`$c.Output.CIFormat = 'None'; `$r = Invoke-Pester -Configuration `$c; " +
        "`$r.Failed | ForEach-Object { `"FAILED `$(`$_.ExpandedPath)`"; `$_.ErrorRecord | ForEach-Object { `"  `$_`" } }; " +
        "`$r.Containers | ForEach-Object ErrorRecord | ForEach-Object { `"FAILED `$_`" }; " +
        "`"RESULT `$(`$r.Result) `$(`$r.PassedCount) `$(`$r.FailedCount) `$(`$r.SkippedCount)`""
    $output = @(& $using:pwsh -NoProfile -NonInteractive -Command $script 2>&1 | ForEach-Object ToString)
    # A failed discovery leaves the number of failures at 0: only the verdict counts.
    $verdict = @($output -match '^RESULT ')[-1] -split ' '
    [pscustomobject]@{
        File = $_.BaseName -replace '\.Tests$'
        Result = $verdict ? $verdict[1] : 'Died'
        Passed = $verdict ? [int]$verdict[2] : 0
        Failed = $verdict ? [int]$verdict[3] : 0
        Text = $output | Where-Object { $_ -notmatch '^RESULT ' }
    }
} | ForEach-Object {
    if ($_.Result -ne 'Passed') {
        "== $($_.File): $($_.Result)", $_.Text | Out-Host
    }

    $_
})

$bad = @($results | Where-Object Result -NE 'Passed')
"Pester: $(($results | Measure-Object Passed -Sum).Sum) passed, $(($results | Measure-Object Failed -Sum).Sum) failed, " +
    "in $(@($results).Count) files; PowerShell $($PSVersionTable.PSVersion), Pester $((Get-Module Pester -ListAvailable | Select-Object -First 1).Version)"
if ($bad -or -not $results) {
    exit 1
}
