<#
.SYNOPSIS
    Runs the Pester files against the module in out/VgpuPS, in as many processes as there are processors.
.DESCRIPTION
    Needs `dotnet tool restore` and a restored tests/VgpuPS.Tests, which names the version of Pester. Files are dealt by the
    seconds that they are known to take, the longest first. Fails where a file fails, ran no test, or is not there.
.PARAMETER Name
    Files to run, with wildcards; all without it.
.EXAMPLE
    dotnet pwsh -NoProfile -NonInteractive -File tests/Pester/Invoke-PesterFile.ps1 Stopping
#>
[CmdletBinding()]
param([string] $Name = '*')

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# Seconds that each file takes on a quiet machine; one that is not listed counts as 5.
$seconds = Import-PowerShellDataFile (Join-Path $PSScriptRoot 'Durations.psd1')
$project = Join-Path $PSScriptRoot '../VgpuPS.Tests/VgpuPS.Tests.csproj'
$pester = dotnet msbuild $project -getProperty:PkgPester
$manifest = Join-Path "$pester" tools Pester.psd1
if ($LASTEXITCODE -ne 0 -or -not $pester -or -not (Test-Path $manifest)) {
    throw "Pester is not restored ($pester): run dotnet restore tests/VgpuPS.Tests."
}

$files = @(Get-ChildItem (Join-Path $PSScriptRoot '*.Tests.ps1') | ForEach-Object {
    $file = $_.BaseName -replace '\.Tests$'
    [pscustomobject]@{ Name = $file; Path = $_.FullName; Seconds = $seconds.ContainsKey($file) ? $seconds[$file] : 5 }
} | Where-Object Name -Like $Name | Sort-Object Seconds -Descending)
$missing = @($seconds.Keys | Where-Object { $_ -like $Name -and $_ -notin $files.Name })

$hands = @(1..[Environment]::ProcessorCount | ForEach-Object { @{ Files = @(); Seconds = 0 } })
foreach ($file in $files) {
    $hand = $hands | Sort-Object { $_.Seconds } -Stable | Select-Object -First 1
    $hand.Files += $file.Path
    $hand.Seconds += $file.Seconds
}

# Runs in each process; a line of RESULT ends each file.
$childScript = @'
$ErrorActionPreference = 'Stop'
Import-Module '{0}'
foreach ($path in '{1}') {{
    $c = New-PesterConfiguration
    $c.Run.Path = $path
    $c.Run.PassThru = $true
    $c.Output.Verbosity = 'None'
    $c.Output.CIFormat = 'None'
    $r = Invoke-Pester -Configuration $c
    $r.Failed | ForEach-Object {{ "FAILED $($_.ExpandedPath)"; $_.ErrorRecord | ForEach-Object {{ "  $_" }} }}
    $r.Containers | ForEach-Object ErrorRecord | ForEach-Object {{ "FAILED $_" }}
    "RESULT $path`t$($r.Result)`t$($r.PassedCount)`t$($r.FailedCount)`t$($r.SkippedCount + $r.NotRunCount)`t$([int]$r.Duration.TotalSeconds)"
}}
'@
$pwsh = Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')
$results = @($hands | Where-Object { $_.Files } | ForEach-Object -ThrottleLimit $hands.Count -Parallel {
    $text = $using:childScript -f $using:manifest, ($_.Files -join "', '")
    $left = [System.Collections.Generic.List[string]]$_.Files
    $output = @()
    & $using:pwsh -NoProfile -NonInteractive -Command $text 2>&1 | ForEach-Object ToString | ForEach-Object {
        if ($_ -notlike 'RESULT *') {
            $output += $_
            return
        }

        $path, $result, $numbers = $_.Substring(7) -split "`t"
        $null = $left.Remove($path)
        [pscustomobject]@{
            Path = $path; Passed = [int]$numbers[0]; Failed = [int]$numbers[1]; Skipped = [int]$numbers[2]; Seconds = [int]$numbers[3]
            # A failed discovery leaves the number of failures at 0: only the verdict counts.
            Result = $result -eq 'Passed' -and [int]$numbers[0] -eq 0 ? 'NoTests' : $result; Text = $output
        }
        $output = @()
    }
    foreach ($path in $left) {
        [pscustomobject]@{ Path = $path; Passed = 0; Failed = 0; Skipped = 0; Seconds = 0; Result = 'Died'; Text = $output }
    }
} | ForEach-Object {
    $file = [IO.Path]::GetFileName($_.Path) -replace '\.Tests\.ps1$'
    "{0,4} s  {1,-24} {2}: {3} passed, {4} failed, {5} skipped" -f $_.Seconds, $file, $_.Result, $_.Passed, $_.Failed, $_.Skipped | Out-Host
    if ($_.Result -ne 'Passed') {
        $_.Text | Out-Host
    }

    $_
})

$sum = @{}
foreach ($kind in 'Passed', 'Failed', 'Skipped') {
    $sum[$kind] = ($results | Measure-Object $kind -Sum -ErrorAction Ignore)?.Sum ?? 0
}

"$($results.Count) Pester files in $(@($hands | Where-Object { $_.Files }).Count) processes; PowerShell $($PSVersionTable.PSVersion), " +
    "Pester $((Import-PowerShellDataFile $manifest).ModuleVersion)"
"$($sum.Passed) passed, $($sum.Failed) failed" + ($sum.Skipped ? ", $($sum.Skipped) skipped" : '')
if ($missing) {
    "not there: $($missing -join ', ')"
}

# Nothing may be skipped: a run that leaves tests out proves less than it seems to.
if (-not $results -or $missing -or $sum.Skipped -or ($results | Where-Object Result -NE 'Passed')) {
    exit 1
}
