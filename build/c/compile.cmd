@echo off
rem Compiles each C program of a folder twice, for Unicode and for ANSI, to OUTPUT\unicode\NAME.exe and OUTPUT\ansi\NAME.exe,
rem with the compiler at hand: Visual Studio's cl, else MinGW's gcc. Without one it makes nothing; the tests that need the
rem programs then fail, and say so.
rem
rem usage: compile SOURCE_FOLDER OUTPUT_FOLDER
setlocal

set "sources=%~f1"
set "output=%~f2"
set compiler=
for %%c in (gcc.exe cl.exe) do if not "%%~$PATH:c"=="" set "compiler=%%c"
if not defined compiler (
    echo npipe: no C compiler on PATH: neither Visual Studio's cl nor MinGW's gcc 1>&2
    exit /b 0
)
for %%k in (unicode ansi) do if not exist "%output%\%%k" mkdir "%output%\%%k"
set failed=
pushd "%sources%"
for %%k in (unicode ansi) do for %%s in (*.c) do (
    call :compile %%k %%s "%output%\%%k\%%~ns"
    if errorlevel 1 set failed=yes
)
if defined failed exit /b 1
exit /b 0

:compile
set options=
if %compiler%==cl.exe goto cl
if %1==unicode set options=-DUNICODE -D_UNICODE -municode
gcc -std=c11 -O2 -Wall -Wextra -Werror %options% %2 -o "%~3.exe"
exit /b %errorlevel%

:cl
if %1==unicode set options=/DUNICODE /D_UNICODE
cl /nologo /std:c11 /O2 /W3 /D_CRT_SECURE_NO_WARNINGS %options% %2 /Fo"%~3.obj" /Fe"%~3.exe"
exit /b %errorlevel%
