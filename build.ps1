#!/usr/bin/env pwsh
<#
.SYNOPSIS
    Builds, tests, checks and packs VgpuPS.
.DESCRIPTION
    One function per task; the first command that fails ends the run with its exit code. Downloads nothing by itself
    beyond what `dotnet restore` and `dotnet tool restore` do. Without a PowerShell of your own:
    dotnet tool restore; dotnet pwsh ./build.ps1
.PARAMETER Task
    Clean    removes out/ and every bin/ and obj/
    Build    builds all projects with warnings as errors, publishes the native hook to out/hook and the module to out/VgpuPS
    Test     builds, then runs the tests, and the Pester files against the module
    Lint     checks formatting and code style
    Package  builds, then packs the hook for a Proxmox host (out/vgpu-hook-<version>-linux-x64.tar.gz and, where dpkg-deb
             is, out/vgpups_<version>_amd64.deb) and the module (out/VgpuPS.<version>.nupkg, out/VgpuPS-<version>.zip)
.PARAMETER Configuration
    Release by default.
.EXAMPLE
    ./build.ps1 -Task Test
#>
[CmdletBinding()]
param(
    [ValidateSet('Clean', 'Build', 'Test', 'Lint', 'Package')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$Out = Join-Path $PSScriptRoot 'out'
$HookOut = Join-Path $Out 'hook'
$Version = (Import-PowerShellDataFile (Join-Path $PSScriptRoot 'VgpuPS.psd1')).ModuleVersion

function Invoke-Program {
    param([string] $Name, [string[]] $Arguments)
    Write-Verbose "$Name $Arguments"
    & $Name @Arguments
    if ($LASTEXITCODE -ne 0) {
        throw "'$Name $Arguments' ended with exit code $LASTEXITCODE."
    }
}

function Get-Project {
    Get-ChildItem -Path $PSScriptRoot -Directory |
        Where-Object Name -In 'src', 'hookscripts', 'module', 'tests' |
        Get-ChildItem -Filter '*.csproj' -Recurse -File |
        Sort-Object FullName
}

function Invoke-Clean {
    if (Test-Path $Out) {
        Remove-Item -LiteralPath $Out -Recurse -Force
    }

    Get-Project | ForEach-Object DirectoryName | Sort-Object -Unique | ForEach-Object {
        foreach ($name in 'bin', 'obj') {
            $folder = Join-Path $_ $name
            if (Test-Path $folder) {
                Remove-Item -LiteralPath $folder -Recurse -Force
            }
        }
    }
}

function Invoke-Build {
    Get-Project | ForEach-Object { Invoke-Program dotnet @('build', $_.FullName, '-c', $Configuration, '-v', 'quiet') }
    Invoke-Program dotnet @(
        'publish', (Join-Path $PSScriptRoot 'hookscripts/VgpuPS.Hook'), '-c', 'Release', '-o', $HookOut, '-v', 'quiet')
    Invoke-Program dotnet @('publish', (Join-Path $PSScriptRoot 'module'), '-c', $Configuration, '-v', 'quiet')

    # What Install-VgpuHost brings to a host.
    $shipped = New-Item -ItemType Directory -Force (Join-Path $Out 'VgpuPS/hookscripts')
    Copy-Item -LiteralPath (Join-Path $HookOut 'vgpu-hook') -Destination $shipped
}

function Invoke-Test {
    Invoke-Build
    Invoke-Program dotnet @('test', (Join-Path $PSScriptRoot 'tests/VgpuPS.Tests'), '-c', $Configuration, '--no-build')
    Push-Location $PSScriptRoot
    try {
        Invoke-Program dotnet @('tool', 'restore')
        Invoke-Program dotnet @('pwsh', '-NoProfile', '-NonInteractive', '-File', 'tests/Pester/Invoke-PesterFile.ps1')
    }
    finally {
        Pop-Location
    }
}

function Invoke-Lint {
    Get-Project | ForEach-Object { Invoke-Program dotnet @('format', $_.FullName, '--verify-no-changes') }
}

function Invoke-Package {
    Invoke-Build
    $archive = Join-Path $Out "vgpu-hook-$Version-linux-x64.tar.gz"
    Invoke-Program tar @('--create', '--gzip', '--file', $archive, '--owner=0', '--group=0', '--directory', $HookOut, 'vgpu-hook')
    if (Get-Command dpkg-deb -CommandType Application -ErrorAction Ignore) {
        Invoke-Program sh @(
            (Join-Path $PSScriptRoot 'hookscripts/debian/build-deb'), $Version, (Join-Path $HookOut 'vgpu-hook'), $Out)
    }
    else {
        Write-Warning 'dpkg-deb is not on the PATH: the Debian package is not built.'
    }

    Invoke-Program dotnet @('pack', (Join-Path $PSScriptRoot 'module'), '-c', $Configuration, '--no-build', '-o', $Out, '-v', 'quiet')
    $zip = Join-Path $Out "VgpuPS-$Version.zip"
    Remove-Item -LiteralPath $zip -ErrorAction Ignore
    [System.IO.Compression.ZipFile]::CreateFromDirectory((Join-Path $Out 'VgpuPS'), $zip, 'Optimal', $true)
    Write-Output $archive, (Join-Path $Out "VgpuPS.$Version.nupkg"), $zip
}

foreach ($name in $Task) {
    & "Invoke-$name"
}
